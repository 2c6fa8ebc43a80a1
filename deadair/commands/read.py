"""`deadair read`: what posts say, a line of JSON for each."""

from pathlib import Path

from claims.reading import read_post
from claims.rows import row
from deadair.config import load
from deadair.lexicon import reads_of, resistance_in
from deadair.lines import opened, put


def read(config: Path | None, file: Path | None, resistance: str | None) -> None:
    with opened(file) as lines:
        reads = reads_of(load(config))
        meant = resistance_in(reads, resistance)
        for post in lines.posts():
            found = read_post(
                reads.lexicon,
                post.text,
                posted=post.posted,
                lang=post.lang,
                resistance=meant(post.channel),
            )
            put(row(post.id, post.text, found))
        lines.finish()
