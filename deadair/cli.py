"""The command line. Each command imports what it needs when it is called, so that help is quick."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from deadair.configuring import configuring, taking_up
from deadair.hindsight import ConfigPath, hindsight
from deadair.keys import keys, sessions
from deadair.research import research
from deadair.ways_in import ways_in
from deadair.whole import whole

app = typer.Typer(
    name="deadair",
    help="Watches Telegram channels and says when one of them, or one topic of it, falls silent.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
)


@app.command()
def run(
    config: ConfigPath = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="Run only this part: collector, reader, indexer, alerts, bot, web, jobs, health; "
            "may be repeated."
        ),
    ] = None,
) -> None:
    """Watch: collect, read, judge and tell, until stopped."""
    import deadair.lean  # noqa: F401 - before anything that logs
    from deadair.commands.run import run

    run(config, only or [])


@app.command()
def demo(
    speed: Annotated[
        float, typer.Option(min=0.05, max=20, help="Simulated hours in a second of yours.")
    ] = 3.5,
    scenario: Annotated[
        Path | None,
        typer.Option(help="Another scenario file than the one that comes along."),
    ] = None,
    output: Annotated[Path, typer.Option(help="Where the charts are written.")] = Path("demo-output"),
    keep: Annotated[bool, typer.Option("--keep", help="Keep the archive that the demo filled.")] = False,
) -> None:
    """See the whole of it work against a simulated Telegram: nothing to configure."""
    from deadair.commands.demo import demo

    demo(scenario=scenario, speed=speed, output=output, keep=keep)


@app.command()
def login(
    account: Annotated[str, typer.Argument(help="The account's name in the config.")],
    config: ConfigPath = None,
    qr: Annotated[bool, typer.Option("--qr", help="Log in by scanning a code with your phone.")] = False,
) -> None:
    """Log an account in to Telegram; asks for phone, code and password."""
    from deadair.commands.login import login

    login(config, account, qr=qr)


@app.command(name="import")
def import_(
    files: Annotated[
        list[Path], typer.Argument(help="Desktop exports, Telethon JSON or JSONL, CSV; .gz or not.")
    ],
    config: ConfigPath = None,
    channel: Annotated[
        str | None,
        typer.Option(help="Whose posts these are, when the file does not say so or says it wrongly."),
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option(help="Where the clock stood of times without a zone (old exports): Asia/Baghdad."),
    ] = None,
) -> None:
    """Take posts from files into the archive; a second time adds nothing."""
    from deadair.commands.import_ import import_

    import_(config, files, channel, zone)


@app.command()
def backfill(
    channel: Annotated[
        str | None,
        typer.Argument(help="Which channel; all of the config when not given."),
    ] = None,
    config: ConfigPath = None,
    since: Annotated[
        datetime | None,
        typer.Option(help="Read back to this day (UTC).", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(
            help="Begin before this day (UTC), not at the newest post.",
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"],
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="At most so many posts a channel; 0: no limit.")] = 0,
) -> None:
    """Read the history of channels into the archive, newest first; goes on where it was interrupted."""
    from deadair.commands.backfill import backfill

    backfill(config, channel, since, until, limit)


PostsFile = Annotated[
    Path | None,
    typer.Argument(metavar="FILE.jsonl | -", help="Posts, one JSON object a line; - or none: stdin."),
]


Resistance = Annotated[
    str | None,
    typer.Option(
        metavar="ACTOR",
        help="Whom a bare “Islamic Resistance” means, for channels of which the config does not say so: iri.",
    ),
]


@app.command()
def read(file: PostsFile = None, config: ConfigPath = None, resistance: Resistance = None) -> None:
    """Read posts: language, topics and claims of each, a line of JSON."""
    from deadair.commands.read import read

    read(config, file, resistance)


@app.command()
def match(file: PostsFile = None, config: ConfigPath = None, resistance: Resistance = None) -> None:
    """Say which posts tell of the same act."""
    from deadair.commands.match import match

    match(config, file, resistance)


@app.command()
def reread(
    config: ConfigPath = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Let the new version count without a question.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and show the difference; what counts stays as it is.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The difference as one JSON document.")] = False,
) -> None:
    """Read the whole archive again after a change of reader, lexicon or topics, and show what it changes."""
    from deadair.commands.reread import reread

    reread(config, yes=yes, dry_run=dry_run, as_json=as_json)


@app.command()
def learn(config: ConfigPath = None) -> None:
    """Learn what is usual of the channels for the next start, beside a Deadair that runs: for an upgrade."""
    from deadair.commands.learn import learn

    learn(config)


@app.command()
def explain(
    text: Annotated[str, typer.Argument(help="The post, or - for stdin.")],
    config: ConfigPath = None,
    posted: Annotated[
        datetime | None,
        typer.Option(help="When it was posted (Baghdad); now.", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    ] = None,
    lang: Annotated[
        str | None, typer.Option(help="Its language (ar, fa, ckb, he, ru, tr, en), if not to be found out.")
    ] = None,
) -> None:
    """Show what is read in a post, by which words and which rules."""
    from deadair.commands.explain import explain

    explain(config, text, posted=posted, lang=lang)


lexicon = typer.Typer(help="Check and look up the words by which posts are read.", no_args_is_help=True)
app.add_typer(lexicon, name="lexicon")


@lexicon.command()
def check(config: ConfigPath = None) -> None:
    """Load the lexicon and the files of [claims]; say how much is in it, or what is wrong."""
    from deadair.commands.lexicon import check

    check(config)


@lexicon.command()
def show(
    entry: Annotated[str | None, typer.Argument(help="An entry's id; all ids when not given.")] = None,
    config: ConfigPath = None,
) -> None:
    """Show every surface of an entry."""
    from deadair.commands.lexicon import show

    show(config, entry)


app.add_typer(hindsight)
app.add_typer(research)
app.add_typer(ways_in, name="token")
app.add_typer(keys, name="key")
app.add_typer(sessions, name="sessions")
app.add_typer(configuring, name="config")
app.add_typer(taking_up)
app.add_typer(whole)


@app.command()
def sandbox(
    scenario: Annotated[
        Path | None,
        typer.Option(help="The scenario file; the demo's when not given."),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="MTProto's port; 0: any free one.")] = 0,
    bot_port: Annotated[int, typer.Option(min=0, max=65535, help="The Bot API's port.")] = 0,
    control_port: Annotated[int, typer.Option(min=0, max=65535, help="The control API's port.")] = 0,
    web_port: Annotated[int, typer.Option(min=0, max=65535, help="The web preview's port.")] = 0,
    speed: Annotated[float, typer.Option(min=1, help="How much faster than real time its clock runs.")] = 1.0,
) -> None:
    """Run a Telegram of your own on this machine, to try things against."""
    from deadair.commands.sandbox import sandbox

    sandbox(
        scenario,
        port=port,
        bot_port=bot_port,
        control_port=control_port,
        web_port=web_port,
        speed=speed,
    )


@app.command()
def health(
    config: ConfigPath = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON document.")] = False,
) -> None:
    """Say whether every part makes progress, as /healthz does; exit status 1 when one stands still."""
    from deadair.commands.health import health

    health(config, as_json=as_json)


@app.command()
def doctor(
    config: ConfigPath = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON document.")] = False,
) -> None:
    """Look at everything that can keep Deadair from its work, and say what to do; status 1 if need be."""
    from deadair.commands.doctor import doctor

    doctor(config, as_json=as_json)


@app.command()
def status(
    config: ConfigPath = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON document.")] = False,
) -> None:
    """What is watched, since when without a gap, what is quiet, what is blind and why."""
    from deadair.commands.status import status

    status(config, as_json=as_json)


@app.command()
def verify(
    channel: Annotated[
        str | None,
        typer.Argument(
            metavar="[CHANNEL | FILE]",
            help="Which channel, all when not given; or an export: its folder or manifest.",
        ),
    ] = None,
    config: ConfigPath = None,
    seal: Annotated[
        bool, typer.Option("--seal", help="Link what was stored before there was a chain; may take a while.")
    ] = False,
    contains: Annotated[
        str | None,
        typer.Option(metavar="HASH", help="A hash that somebody kept: does the archive go on from it?"),
    ] = None,
    files: Annotated[
        bool, typer.Option("--files", help="Read the kept files too: are all there, byte for byte?")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON document.")] = False,
) -> None:
    """Prove that nothing in the archive, or in an export, was changed, put in or taken out."""
    from deadair.commands.verify import verify

    verify(config, channel, seal=seal, contains=contains, files=files, as_json=as_json)


@app.command()
def raw(
    post: Annotated[
        str, typer.Argument(metavar="CHANNEL/NUMBER", help="As @some_channel/1234, or its link.")
    ],
    config: ConfigPath = None,
) -> None:
    """Show a post just as Telegram said it, in all its versions, as JSON."""
    from deadair.commands.raw import raw

    raw(config, post)


@app.command()
def version() -> None:
    """Which Deadair this is."""
    from importlib.metadata import version

    typer.echo(version("deadair"))


def main() -> None:
    """The console script: errors of ours are told in two lines, without a traceback."""
    import errno
    import sys

    from deadair.garbage import collect_less_often
    from deadair.masking import cover_tracebacks, covered
    from deadair.undumped import refuse_core_dumps
    from domain.errors import DeadairError

    refuse_core_dumps()
    collect_less_often()
    cover_tracebacks()
    try:
        app()
    except DeadairError as error:
        print(covered(f"deadair: {error.what}"), file=sys.stderr)
        if error.hint:
            print(covered(f"  what to do: {error.hint}"), file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        print(covered("deadair: a name that was given is too long for a file"), file=sys.stderr)
        print("  what to do: check what stands where a file or a folder is named", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
