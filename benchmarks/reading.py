"""How fast posts are read, beside langdetect alone and a regular expression of the same surfaces.

    python benchmarks/reading.py [FILE.jsonl[.gz] ...]

Without files it reads the labelled posts of the tests. Prints posts a second of one core's time
(what others do on the machine does not count), the time the lexicon takes to load, and the memory.
"""

import gzip
import json
import re
import resource
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

DATA = Path(__file__).parents[1] / "tests/data/claims"
AT = datetime(2024, 2, 1, tzinfo=UTC)


def texts(paths: Sequence[Path], most: int = 4000) -> list[str]:
    """The texts of the files, taken evenly, at most so many."""
    found: list[str] = []
    for path in paths:
        with (
            gzip.open(path, "rt", encoding="utf-8")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8") as f
        ):
            found += [text for line in f if (text := json.loads(line).get("text"))]
    return found[:: max(1, len(found) // most)]


def rate(read: Callable[[str], object], posts: Sequence[str]) -> float:
    """Posts a second, the best of three passes."""
    best = float("inf")
    for _ in range(3):
        begun = time.process_time()
        for text in posts:
            read(text)
        best = min(best, time.process_time() - begun)
    return len(posts) / best


#: What a text that means harm to the reader may consist of.
UNITS = [
    "قاعدة حرير ",
    "استهدف ",
    "12-3-",
    "قتل 3 ",
    "حماس: قصفنا حيفا\n",
    "ا",
    "ا.",
    "#_",
    "«",
    "- ",
    "🚀",
    "ﷺ",
    "قا_عدة ",
    "مجاهدو المقاومة ",
]


def long_texts(read: Callable[[str], object]) -> tuple[float, float]:
    """Seconds for the slowest text of one thing, and by how much ten times the length is slower."""

    def seconds(text: str) -> float:
        begun = time.process_time()
        read(text)
        return time.process_time() - begun

    slowest = growth = 0.0
    for unit in UNITS:
        short, long = (seconds(unit * (n // len(unit))) for n in (10_000, 100_000))
        slowest, growth = max(slowest, long), max(growth, long / short)
    return slowest, growth


def main() -> None:
    posts = texts([Path(a) for a in sys.argv[1:]] or [DATA / "seen.jsonl", DATA / "unseen.jsonl"])
    begun = time.process_time()
    from claims.lexicon.load import load

    lexicon = load()
    loaded = time.process_time() - begun
    from claims.language import language_of
    from claims.normalise import fold_text
    from claims.reading import read_post

    print(f"{len(posts)} posts of {sum(map(len, posts)) / len(posts):.0f} characters on average")
    print(f"lexicon loaded in {loaded:.2f} s: {sum(map(len, lexicon.surfaces.values()))} surfaces")
    language_of("to have the profiles of langdetect loaded before the clock runs, ja")
    print(f"{'fold':<44}{rate(fold_text, posts):>10,.0f} posts/s")
    print(f"{'language':<44}{rate(language_of, posts):>10,.0f} posts/s")
    whole = rate(lambda t: read_post(lexicon, t, posted=AT), posts)
    print(f"{'fold, language, topics and claims':<44}{whole:>10,.0f} posts/s")
    slowest, growth = long_texts(lambda t: read_post(lexicon, t, posted=AT))
    print(f"the slowest of {len(UNITS)} texts of 100,000 letters takes {slowest:.2f} s,", end=" ")
    print(f"at most {growth:.0f} times one of 10,000")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory {memory:.0f} MB")

    from langdetect import DetectorFactory, LangDetectException, detect

    DetectorFactory.seed = 0

    def alone(text: str) -> str | None:
        try:
            return str(detect(text))
        except LangDetectException:
            return None

    print(f"{'langdetect alone':<44}{rate(alone, posts[:400]):>10,.0f} posts/s")
    surfaces = {fold_text(s) for written in lexicon.surfaces.values() for _, s in written}
    words = sorted(filter(None, surfaces), key=len, reverse=True)
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, words)) + r")(?!\w)")
    matched = rate(lambda t: pattern.findall(fold_text(t)), posts[:400])
    print(f"{'fold and a regular expression, no reading':<44}{matched:>10,.0f} posts/s")


if __name__ == "__main__":
    main()
