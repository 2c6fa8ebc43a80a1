"""Topics of a post. A topic given as a list of words is met when one of them stands in the text."""

import re
from collections.abc import Mapping, Sequence

from claims.finder import Finder
from claims.normalise import Folded, fold
from claims.surfaces import patterns
from domain.errors import DeadairError

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


class WordTopics:
    """Topics defined as word lists, matched on folded text as whole words with their clitics and endings.

    Raises DeadairError for a list that cannot be meant: it names the topic and the word.
    """

    def __init__(self, lists: Mapping[str, Sequence[str]]) -> None:
        entries = []
        for rank, (name, words) in enumerate(lists.items()):
            if not _NAME.fullmatch(name):
                raise DeadairError(
                    f"[topics.{name}]: {name!r} is no name for a topic",
                    hint="A name is a small letter, then small letters, digits, _ or -; at most 40 in all.",
                )
            if not words:
                raise DeadairError(
                    f"[topics.{name}]: the topic has no words",
                    hint=f'Give it some, words = ["…"], or remove the section [topics.{name}].',
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
        self._finder = Finder(entries)

    def topics(self, text: str | Folded) -> tuple[str, ...]:
        """The topics of this text, in the order of the config; none when it is about none of them."""
        hits = self._finder.find(text if isinstance(text, Folded) else fold(text))
        return tuple(self.names[rank] for rank in sorted({hit.what for hit in hits}))
