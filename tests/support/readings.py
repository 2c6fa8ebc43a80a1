"""What is read in the labelled posts, kept beside the number of the reader that reads it so.

    python -m tests.support.readings

records what is read now; when that is something else than what is on record, it raises READER_VERSION first,
for then archives must be read again.
"""

import json
import re
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

from claims import version
from claims.lexicon.load import load
from claims.reading import parse_row, read_post
from claims.rows import row

ROOT = Path(__file__).parents[2]
RECORD = ROOT / "tests/data/claims/readings.json"


def labelled() -> Iterator[tuple[str, str]]:
    """Each labelled post by its file and id, and its line."""
    for path in sorted(RECORD.parent.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            post = json.loads(line)
            if "posted" in post and "text" in post:
                yield f"{path.stem} {post['id']}", line


def readings() -> dict[str, str]:
    """For each labelled post a digest of all that the reader reads in it, evidence included."""
    out = {}
    for name, line in labelled():
        post = parse_row(1, line)
        found = row(post.id, post.text, read_post(load(), post.text, posted=post.posted))
        written = json.dumps(found, ensure_ascii=False, sort_keys=True)
        out[name] = blake2b(written.encode(), digest_size=6).hexdigest()
    return out


def recorded() -> tuple[int, dict[str, str]]:
    """The reader version on record, and what it read."""
    record: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))
    return record["reader_version"], record["readings"]


def renew() -> int:
    """Record what is read now. Returns the number of the reader that reads it so."""
    now = readings()
    number = version.READER_VERSION
    if RECORD.exists():
        known, before = recorded()
        if known == number and any(before[name] != now[name] for name in before.keys() & now.keys()):
            number += 1
            path = Path(version.__file__)
            text = path.read_text(encoding="utf-8")
            raised = re.sub(r"(?m)^READER_VERSION = \d+$", f"READER_VERSION = {number}", text)
            path.write_text(raised, encoding="utf-8")
    document = {"reader_version": number, "readings": now}
    RECORD.write_text(json.dumps(document, indent=0, sort_keys=True) + "\n", encoding="utf-8")
    return number


if __name__ == "__main__":
    print(f"READER_VERSION = {renew()}")
