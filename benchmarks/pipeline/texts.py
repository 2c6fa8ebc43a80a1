"""Posts as they come: the labelled posts of the tests, one that claims an attack to nine that do not."""

import json
from collections.abc import Iterator
from itertools import cycle

from benchmarks.reading import DATA


def texts() -> Iterator[str]:
    """Without end."""
    claims: list[str] = []
    others: list[str] = []
    for path in sorted(DATA.glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for post in map(json.loads, lines):
                if text := post.get("text"):
                    (claims if post.get("is_claim") else others).append(text)
    claimed, other = cycle(claims), cycle(others)
    while True:
        yield next(claimed)
        for _ in range(9):
            yield next(other)
