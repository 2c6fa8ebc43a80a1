"""The commands for the archive as a whole: to another schema, into another database, into a file and back."""

from pathlib import Path
from typing import Annotated

import typer

from deadair.hindsight import ConfigPath

whole = typer.Typer()


@whole.command()
def migrate(
    config: ConfigPath = None,
    to: Annotated[
        str,
        typer.Option(
            metavar="VERSION | URL",
            help="The schema version to go to; or the url of an empty PostgreSQL database to move into.",
        ),
    ] = "head",
    to_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A file that holds that url, when there is a password in it."),
    ] = None,
    finish: Annotated[
        bool, typer.Option("--finish", help="End the move; nobody may have the old archive open any more.")
    ] = False,
) -> None:
    """Bring the archive to this version of Deadair, or out of SQLite into PostgreSQL."""
    from deadair.commands.migrate import migrate
    from deadair.commands.move import is_move, move

    if is_move(to, to_file, finish=finish):
        move(config, to, to_file, finish=finish)
    else:
        migrate(config, to)


@whole.command()
def backup(
    to: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Where to; into the folder of [backup] when not given."),
    ] = None,
    config: ConfigPath = None,
    recipient: Annotated[
        str | None,
        typer.Option(metavar="AGE1...", help="Whom to encrypt it for; that of [backup] when not given."),
    ] = None,
    new_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Only make a key; its secret goes into that file.")
    ] = None,
) -> None:
    """Write the whole archive into one file, while Deadair runs; of SQLite and PostgreSQL alike."""
    from deadair.commands.backup import backup

    backup(config, to, recipient, new_key)


@whole.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup that `deadair backup` wrote.")],
    config: ConfigPath = None,
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The file with the secret key, if it is encrypted.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Restore nothing; only prove that the backup is whole.")
    ] = False,
) -> None:
    """Fill the empty archive that the config names from a backup, whichever engine that was made on."""
    from deadair.commands.restore import restore

    restore(config, file, key, check=check)
