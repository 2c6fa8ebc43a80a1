"""The commands of `deadair token`: ways in to the API and the pages."""

from typing import Annotated

import typer

from deadair.hindsight import ConfigPath

ways_in = typer.Typer(
    help="Ways in to the API and the pages: made, listed, revoked, and links to sign in.",
    no_args_is_help=True,
)

Role = Annotated[str, typer.Option(help="On the pages: guest, analyst, ops or owner.")]


@ways_in.command()
def make(
    name: Annotated[str, typer.Argument(help="Who uses it.")],
    config: ConfigPath = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help="posts, claims, watch, episodes (these four where none is said), export, pages, or all; "
            "may be repeated."
        ),
    ] = None,
    role: Role = "guest",
    expires: Annotated[str, typer.Option(help="After so long: 90d, 12h; or never.")] = "90d",
    per_minute: Annotated[
        int | None, typer.Option(min=1, max=100_000, help="Requests a minute; else as [web] says.")
    ] = None,
) -> None:
    """Make a token. Its secret is shown this once."""
    from deadair.commands.token import make

    make(config, name, scopes=scope or [], role=role, expires=expires, per_minute=per_minute)


@ways_in.command(name="list")
def list_(
    config: ConfigPath = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """List all tokens there ever were: what they may do, and when they were last used."""
    from deadair.commands.token import show

    show(config, as_json=as_json)


@ways_in.command()
def revoke(
    number: Annotated[int, typer.Argument(min=1, help="As `deadair token list` numbers them.")],
    config: ConfigPath = None,
) -> None:
    """Close a token, and the sessions that were begun with it, from this instant on."""
    from deadair.commands.token import revoke

    revoke(config, number)


@ways_in.command()
def link(
    name: Annotated[str, typer.Argument(help="Whom it is for.")],
    config: ConfigPath = None,
    role: Role = "guest",
) -> None:
    """Make a link that signs somebody in to the pages, once."""
    from deadair.commands.token import link

    link(config, name, role=role)
