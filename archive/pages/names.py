"""What claimants, places and weapons are called, in the reader's language where the lexicon knows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from archive.pages.labels import NAMELESS
from archive.pages.voice import LANGUAGES, voice_of
from claims.lexicon.entries import Layer, Place
from claims.lexicon.load import Lexicon

_LAYERS = (Layer.ACTOR, Layer.PLACE, Layer.WEAPON, Layer.TARGET, Layer.ACTION)


@dataclass(frozen=True, slots=True)
class Names:
    """By language and code; what has no name goes by its code, in words."""

    known: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)

    def of(self, code: str | None, language: str) -> str:
        if not code:
            return ""
        for each in (language, "en"):
            if name := self.known.get(each, {}).get(code):
                return name
        return code.replace("_", " ")


def names_of(lexicon: Lexicon) -> Names:
    """The first name that the lexicon has in each language; who is not named is said to be so."""
    known: dict[str, dict[str, str]] = {}
    for (layer, code), surfaces in lexicon.surfaces.items():
        if layer in _LAYERS:
            for language, written in surfaces:
                known.setdefault(language, {}).setdefault(code, written)
    for language in LANGUAGES:
        said = voice_of(language)
        known.setdefault(language, {}).update({code: said.word(name) for code, name in NAMELESS.items()})
    return Names(known, lexicon.places)
