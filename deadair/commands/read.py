"""`deadair read`: what posts say, a line of JSON for each."""

from pathlib import Path

from claims.reading import read_post
from claims.rows import row
from deadair.config import load
from deadair.lexicon import lexicon_of
from deadair.lines import opened, put


def read(config: Path | None, file: Path | None) -> None:
    with opened(file) as lines:
        lexicon = lexicon_of(load(config))
        for post in lines.posts():
            put(row(post.id, post.text, read_post(lexicon, post.text, posted=post.posted, lang=post.lang)))
        lines.finish()
