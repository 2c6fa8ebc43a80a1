"""The commands of `deadair config`: what is set, where it comes from, and whether it is right."""

from typing import Annotated

import typer

from deadair.hindsight import ConfigPath

configuring = typer.Typer(
    help="What is set, where each value comes from, and whether it is right.", no_args_is_help=True
)
taking_up = typer.Typer()


@taking_up.command()
def reload(
    config: ConfigPath = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON document.")] = False,
) -> None:
    """Have every running part take up the config as it stands now, and say what each made of it."""
    from deadair.commands.reload import reload

    reload(config, as_json=as_json)


@taking_up.command()
def retention(
    config: ConfigPath = None,
    now: Annotated[bool, typer.Option("--now", help="Remove it; else it is only told.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON document.")] = False,
) -> None:
    """Say what has outlived the time that [retention] gives it, and what stays for being cited."""
    from deadair.commands.retention import retention

    retention(config, remove=now, as_json=as_json)


@taking_up.command(name="check-config", hidden=True)
def check_config(config: ConfigPath = None) -> None:
    """The same as `deadair config check`, by its earlier name."""
    from deadair.commands.check_config import check_config

    check_config(config)


@configuring.command()
def check(config: ConfigPath = None) -> None:
    """Say what is wrong with the config, and what would run with it."""
    from deadair.commands.check_config import check_config

    check_config(config)


@configuring.command()
def show(
    key: Annotated[
        str | None, typer.Argument(help="Only keys that begin so, as alerts.silence or channels[@name].")
    ] = None,
    config: ConfigPath = None,
    only_set: Annotated[bool, typer.Option("--set", help="Leave out what has its default value.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON document.")] = False,
) -> None:
    """Say of every value where it comes from: default, file, environment, or who set it while running."""
    from deadair.commands.config_show import show

    show(config, key, only_set=only_set, as_json=as_json)


@configuring.command()
def export(
    config: ConfigPath = None,
    write: Annotated[
        bool, typer.Option("--write", help="Do it; the old file is kept. Else it is only shown.")
    ] = False,
) -> None:
    """Take what was set in the bot or on the page over into config.toml; comments and order stay."""
    from deadair.commands.config_export import export

    export(config, write=write)
