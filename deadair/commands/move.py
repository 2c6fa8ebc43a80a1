"""`deadair migrate --to URL`: out of SQLite into PostgreSQL, while the old archive is still written to."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from deadair.config import FILE, Setup, load
from deadair.progress import rating
from deadair.secrets import secret
from domain.errors import DeadairError

if TYPE_CHECKING:
    from storage.moving.move import Moved


def is_move(to: str, file: Path | None, *, finish: bool) -> bool:
    """Is the archive to move? Else what is named is a schema version.

    Raises DeadairError when these do not go together.
    """
    if file is not None and to != "head":
        raise DeadairError("--to and --to-file both say where to", hint="give one of them")
    if finish and file is None and "://" not in to:
        raise DeadairError("--finish ends a move", hint="name the database with --to URL or --to-file FILE")
    return file is not None or "://" in to


def move(config: Path | None, to: str, file: Path | None, *, finish: bool) -> None:
    """Exit status 0 also when the old archive is still in use and the end is left for another run."""
    from storage.moving.move import move as bring

    setup = load(config)
    if file is not None:
        # Without that file the password alone may stand in the environment.
        to = (
            secret("PGPASSWORD", {}, file=str(file), key="--to-file", folder=Path(), keys=setup.keyring) or to
        )
    try:
        with rating() as heard:
            done = asyncio.run(bring(setup.storage, to, finish=finish, heard=heard))
    except KeyboardInterrupt:
        print("stopped; the next run goes on from here, and the old archive is as it was", file=sys.stderr)
        sys.exit(130)
    if done.is_whole:
        _show_end(setup, config, done)
    else:
        print(
            f"{done.rows:,} rows are in {done.to}. The old archive is in use, and what comes in goes there."
        )
        print("To end the move: stop every Deadair that works with the old archive, then run this again with")
        print("--finish. It brings what has changed since, proves all of it, and says what to change.")


def _show_end(setup: Setup, config: Path | None, done: "Moved") -> None:
    print(f"moved: {done.rows:,} rows are in {done.to}, {done.brought_last:,} of them brought at the end")
    print("proven: in each table as many rows as in the old archive, with the same SHA-256 over all of them;")
    print(f"  every channel's chain ends as it did there ({done.chains:,})")
    print(f"now {_what_to_change(setup, config, done.to)}, then start Deadair")
    print("`deadair run` makes its posts searchable again by itself, `deadair index` at once.")
    print("The old archive was not changed; keep it until you have seen the new one at work.")


def _what_to_change(setup: Setup, config: Path | None, to: str) -> str:
    from deadair.origins import Source, place_of

    source, detail = place_of("DEADAIR_STORAGE_URL", setup.config.storage.url_file, setup.folder)
    if source is Source.SECRET_FILE:
        return f"write the new url into {detail}, the file that [storage] url_file names"
    if source is not Source.NOWHERE:
        where = "in .env" if source is Source.DOTENV else "in the environment"
        return f"give {detail} {where} the new url"
    line = f'in {config or FILE}, section [storage], set: url = "{to}"'
    if ":***@" not in to:
        return line
    return f"{line} with the password, or name a file with it: url_file"
