"""`deadair restore`: an archive from its backup; with --check only whether it could be."""

import asyncio
from pathlib import Path

from deadair.config import load
from deadair.progress import counting
from domain.errors import DeadairError, why


def restore(config: Path | None, file: Path, key: Path | None, *, check: bool) -> None:
    from storage.backup.read import check as prove
    from storage.backup.restore import restore as fill
    from storage.schema import head

    identity = _key(key)
    if check:
        backup = prove(file, identity)
        print(f"{file}: whole, as of {backup.head.made_at:%Y-%m-%d %H:%M:%S} UTC", end="")
    else:
        setup = load(config)
        with counting() as heard:
            backup = asyncio.run(fill(setup.storage, file, identity=identity, heard=heard))
        print(f"restored as of {backup.head.made_at:%Y-%m-%d %H:%M:%S} UTC", end="")
    posts = backup.rows.get("posts", 0)
    brought_up = "" if check or backup.head.schema == head() else f", brought up to {head()}"
    rows = sum(backup.rows.values())
    print(f", schema {backup.head.schema}{brought_up}: {rows:,} rows, among them {posts:,} posts")
    if not check:
        print("What was posted since is fetched by `deadair run`. `deadair verify` proves what came back.")


def _key(path: Path | None) -> str:
    """The secret key of a file, which may have comments as age-keygen writes them."""
    if path is None:
        return ""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DeadairError(
            f"cannot read the key in {path}: {why(error)}", hint="is the name right?"
        ) from error
    return next((line.strip() for line in lines if line.strip() and not line.startswith("#")), "-")
