"""The commands of `deadair key` and `deadair sessions`: what is secret, encrypted where it lies."""

from pathlib import Path
from typing import Annotated

import typer

from deadair.hindsight import ConfigPath

keys = typer.Typer(help="A key, and files encrypted for it.", no_args_is_help=True)
sessions = typer.Typer(help="How the sessions of the accounts are kept.", no_args_is_help=True)


@keys.command()
def make(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where it is written, for this user alone.")],
) -> None:
    """Make a key by which sessions are encrypted and secret files opened."""
    from deadair.commands.key import make

    make(file)


@keys.command()
def seal(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that holds a secret; it stays.")],
    config: ConfigPath = None,
) -> None:
    """Encrypt a file that a *_file key names: as FILE.age, beside it."""
    from deadair.commands.key import seal

    seal(config, file)


@sessions.command(name="list")
def list_(config: ConfigPath = None) -> None:
    """Say of each account where its session is and whether it is encrypted."""
    from deadair.commands.sessions import show

    show(config)


@sessions.command()
def encrypt(config: ConfigPath = None) -> None:
    """Encrypt the sessions for the key that is given, for the newest where there are several."""
    from deadair.commands.sessions import encrypt

    encrypt(config)


@sessions.command()
def decrypt(config: ConfigPath = None) -> None:
    """Keep the sessions unencrypted again, before the key is taken away."""
    from deadair.commands.sessions import decrypt

    decrypt(config)
