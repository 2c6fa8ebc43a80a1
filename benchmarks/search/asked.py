"""The queries that are measured: words by how often they are said, phrases, pairs, a channel's month."""

import random
from dataclasses import dataclass, replace
from datetime import timedelta

from archive.query import Query
from benchmarks.search.generate import DAYS, START, Writer

#: Ranks of words: said in one to five posts of a hundred, in one of a thousand, in a few of all.
OFTEN, SOMETIMES, RARELY = (3, 60), (300, 2500), (20_000, 60_000)


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    queries: tuple[Query, ...]


def kinds(each: int, seed: int = 5) -> list[Kind]:
    rng = random.Random(seed)
    writer = Writer(0)

    def word(ranks: tuple[int, int], language: int | None = None) -> str:
        words = writer.languages[rng.randrange(3) if language is None else language].words
        return words[min(rng.randint(*ranks), len(words) - 1 - rng.randrange(50))]

    def pair() -> str:
        language = rng.randrange(3)
        return f"{word(OFTEN, language)} {word(rng.choice((OFTEN, SOMETIMES)), language)}"

    def phrase() -> str:
        return f'"{rng.choice(rng.choice(writer.phrases))}"'

    end = START + timedelta(days=DAYS)
    month = [
        Query(since=at - timedelta(days=30), until=at)
        for at in (end - timedelta(days=30 * n) for n in range(12))
    ]
    return [
        Kind("a frequent word", tuple(Query(text=word(OFTEN)) for _ in range(each))),
        Kind("a word", tuple(Query(text=word(SOMETIMES)) for _ in range(each))),
        Kind("a rare word", tuple(Query(text=word(RARELY)) for _ in range(each))),
        Kind("a phrase", tuple(Query(text=phrase()) for _ in range(each))),
        Kind("two words", tuple(Query(text=pair()) for _ in range(each))),
        Kind(
            "a channel, 30 days",
            tuple(
                replace(
                    rng.choice(month),
                    text=word(rng.choice((OFTEN, SOMETIMES))),
                    channels=(f"channel_{rng.randrange(300)}",),
                )
                for _ in range(each)
            ),
        ),
    ]
