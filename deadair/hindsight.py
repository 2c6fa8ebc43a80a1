"""The commands that look back: replay, evaluate, tune, episode, verdict."""

from pathlib import Path
from typing import Annotated

import typer

from domain.opinion import Says

hindsight = typer.Typer()

ConfigPath = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="The config file; config.toml of the current folder when not given."),
]
Files = Annotated[
    list[Path] | None,
    typer.Argument(help="Posts: JSONL, CSV or Desktop exports, .gz or not."),
]
FromArchive = Annotated[
    str | None,
    typer.Option("--channel", help="This channel of the archive instead of files."),
]
Watch = Annotated[
    Path | None,
    typer.Option(help="JSONL of looks: when one could see. Without it, all the time counts as watched."),
]
Zone = Annotated[
    str | None,
    typer.Option(help="Where the audience is, as Asia/Baghdad: its days are counted and told there."),
]
Claims = Annotated[
    bool,
    typer.Option(
        "--claims",
        help="Of posts not read yet, judge claimants and the lexicon's topics too: takes its time.",
    ),
]
Png = Annotated[Path | None, typer.Option(help="Write the episode's chart into this file.")]
Whole = Annotated[bool, typer.Option("--all", help="Every hour of a long episode.")]
AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]


@hindsight.command()
def replay(
    files: Files = None,
    config: ConfigPath = None,
    channel: FromArchive = None,
    watch: Watch = None,
    zone: Zone = None,
    claims: Claims = False,
    explain: Annotated[
        int | None, typer.Option(metavar="EPISODE", help="Show this one of them hour by hour.")
    ] = None,
    png: Png = None,
    whole: Whole = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line for each episode.")] = False,
) -> None:
    """What would have been told: the same engine over stored or exported posts."""
    from deadair.commands.replay import replay

    replay(
        config,
        files or [],
        channel,
        watch,
        zone=zone,
        claims=claims,
        explain=explain,
        png=png,
        whole=whole,
        as_json=as_json,
    )


@hindsight.command()
def episode(
    number: Annotated[
        int | None, typer.Argument(help="Its number, as alerts give it; the newest are listed without.")
    ] = None,
    config: ConfigPath = None,
    zone: Annotated[str | None, typer.Option(help="Times of this zone; else the channel's own.")] = None,
    png: Png = None,
    whole: Whole = False,
    as_json: AsJson = False,
) -> None:
    """An episode of the archive hour by hour: expected, observed, reason, evidence, what people said."""
    from deadair.commands.episode import episode

    episode(config, number, zone=zone, png=png, whole=whole, as_json=as_json)


@hindsight.command()
def verdict(
    number: Annotated[int, typer.Argument(metavar="EPISODE", help="Its number, as alerts give it.")],
    says: Annotated[
        Says, typer.Argument(help="It happened, it did not, nobody can say, or so it is from now on.")
    ],
    config: ConfigPath = None,
    by: Annotated[str | None, typer.Option(help="Who says so; your name on this machine.")] = None,
    note: Annotated[str, typer.Option(help="Why, for those who come later.")] = "",
) -> None:
    """Say whether an alert was right. What happened leaves the channel's rhythm; what did not stays in it."""
    from deadair.commands.episode import verdict

    verdict(config, number, says, by=by, note=note)


@hindsight.command()
def evaluate(
    labels: Annotated[
        Path,
        typer.Option(help="Known episodes: TOML [[episode]] or JSON lines; channel, kind, topic, from, to."),
    ],
    files: Files = None,
    config: ConfigPath = None,
    channel: FromArchive = None,
    watch: Watch = None,
    zone: Zone = None,
    claims: Claims = False,
    as_json: AsJson = False,
) -> None:
    """How the engine does on posts whose episodes are known: found, missed, how late, false alarms."""
    from deadair.commands.evaluate import evaluate

    evaluate(config, files or [], channel, labels, watch, zone=zone, claims=claims, as_json=as_json)


@hindsight.command()
def tune(
    channel: Annotated[
        str | None, typer.Argument(help="Which channel; one line for each when not given.")
    ] = None,
    config: ConfigPath = None,
    topic: Annotated[str | None, typer.Option(help="One topic of it.")] = None,
    claimant: Annotated[str | None, typer.Option(help="What one claimant claims in it.")] = None,
    budget: Annotated[
        float | None, typer.Option(help="False alarms a month to accept; as the config says when not given.")
    ] = None,
    save: Annotated[bool, typer.Option("--save", help="Write the budget into the config file.")] = False,
    claims: Claims = False,
    as_json: AsJson = False,
) -> None:
    """What a budget means, from the channel's own past: false alarms, what is seen and how soon."""
    from deadair.commands.tune import tune

    tune(
        config,
        channel,
        topic=topic,
        claimant=claimant,
        budget=budget,
        save=save,
        claims=claims,
        as_json=as_json,
    )
