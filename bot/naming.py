"""What claimants, places and weapons are called, in the reader's language where there is a name in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.say import Say

#: By language, then by what it is (`actor`, `place`, `weapon`), then by its number in the lexicon.
ByLanguage = Mapping[str, Mapping[str, Mapping[str, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The lexicon's names; what it has none for is called by what it is known by."""

    known: ByLanguage = field(default_factory=dict)

    def of(self, what: str, key: str, say: Say) -> str:
        """A name of the kind `what`, in the reader's language, else in English."""
        for language in (say.language, "en"):
            if name := self.known.get(language, {}).get(what, {}).get(key):
                return name
        return key.replace("_", " ")

    def read(self, words: str) -> tuple[str, str] | None:
        """What somebody means by a name in any language: its kind and its key; claimants come first."""
        wanted = _folded(words)
        for what in ("actor", "place"):
            for by_kind in self.known.values():
                for key, name in by_kind.get(what, {}).items():
                    if wanted in (_folded(name), _folded(key)):
                        return what, key
        return None

    def keys(self, what: str) -> frozenset[str]:
        """All that there is a name of."""
        return frozenset(key for by_kind in self.known.values() for key in by_kind.get(what, {}))

    def all(self, say: Say) -> list[str]:
        """Every name of claimants and places in the reader's language and in English."""
        return [
            name
            for language in dict.fromkeys((say.language, "en"))
            for what in ("actor", "place")
            for name in self.known.get(language, {}).get(what, {}).values()
        ]


def _folded(words: str) -> str:
    return " ".join(words.replace("_", " ").casefold().split())
