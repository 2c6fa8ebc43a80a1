"""Topics of a post. A topic given as a list of words is met when one of them stands in the text."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from claims.finder import Finder
from claims.normalise import Folded, fold
from claims.surfaces import patterns
from domain.errors import DeadairError

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


class WordTopics:
    """Topics defined as word lists, matched on folded text as whole words with their clitics and endings.

    Raises DeadairError for a list that cannot be meant: it names the topic and the word.
    """

    def __init__(
        self, lists: Mapping[str, Sequence[str]], any_of: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """`any_of` names, for each of these topics, others of the lexicon that it is met with."""
        self._any_of = {name: frozenset(others) for name, others in (any_of or {}).items() if others}
        entries = []
        for rank, (name, words) in enumerate(lists.items()):
            if not _NAME.fullmatch(name):
                raise DeadairError(
                    f"[topics.{name}]: {name!r} is no name for a topic",
                    hint="A name is a small letter, then small letters, digits, _ or -; at most 40 in all.",
                )
            if not words and name not in self._any_of:
                raise DeadairError(
                    f"[topics.{name}]: the topic has no words",
                    hint=f'Give it some, words = ["…"], or topics of the lexicon, any_of = ["…"], '
                    f"or remove the section [topics.{name}].",
                )
            for n, word in enumerate(words, 1):
                found = list(patterns(word))
                if not found or not any(c.isalnum() for c in found[0].text):
                    raise DeadairError(
                        f"[topics.{name}]: word {n} of {len(words)}, {word!r}, is empty once normalised",
                        hint="Write a word or phrase of letters or digits, or remove the entry.",
                    )
                entries += [(pattern, rank) for pattern in found]
        self.names = tuple(lists)
        self._words = {name: tuple(words) for name, words in lists.items()}
        self._finder = Finder(entries)

    def definitions(self) -> Iterator[tuple[str, Sequence[str], Collection[str]]]:
        """Each topic by name, with its words and the topics of the lexicon that it is met with."""
        for name in sorted(self.names):
            yield name, self._words[name], self._any_of.get(name, ())

    def topics(self, text: str | Folded, closed: Collection[str] = ()) -> tuple[str, ...]:
        """The topics of this text, in the order of the config; none when it is about none of them.

        `closed` are the topics of the lexicon that it is about.
        """
        hits = self._finder.find(text if isinstance(text, Folded) else fold(text))
        met = {self.names[hit.what] for hit in hits}
        met |= {name for name, others in self._any_of.items() if not others.isdisjoint(closed)}
        return tuple(name for name in self.names if name in met)


def with_unions(closed: Sequence[str], unions: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Topics of the lexicon, with those that are met whenever one of these is."""
    return *closed, *(name for name, others in unions.items() if not set(others).isdisjoint(closed))
