"""The commands of those who search the archive: search, count, show, export, index."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from deadair.asking import Options
from deadair.hindsight import ConfigPath

research = typer.Typer()

Text = Annotated[
    str,
    typer.Argument(
        metavar="[QUERY]",
        help='Words; "in a row"; a OR b; -without; begin*; ="letter for letter". None: everything.',
    ),
]
Channel = Annotated[
    list[str] | None, typer.Option(help="In this channel: @handle, number or title; may be repeated.")
]
Group = Annotated[list[str] | None, typer.Option(help="In the channels of this group.")]
Since = Annotated[
    str | None, typer.Option(help="Posted then or later: 2031-03-14, 2031-03-14T12:00, or 7d ago.")
]
Until = Annotated[str | None, typer.Option(help="Posted before; a day counts whole.")]
Zone = Annotated[
    str | None, typer.Option(help="The zone of days and times, as Asia/Baghdad; else that of [archive].")
]
Lang = Annotated[
    list[str] | None, typer.Option(help="In this language: ar, fa, ckb, en ...; several with commas.")
]
Topic = Annotated[list[str] | None, typer.Option(help="On this topic.")]
Claimant = Annotated[list[str] | None, typer.Option(help="With a claim of this actor.")]
Place = Annotated[list[str] | None, typer.Option(help="With a claim of an act at this place.")]
Weapon = Annotated[list[str] | None, typer.Option(help="With a claim of an act with this weapon.")]
Kind = Annotated[list[str] | None, typer.Option(help="With a claim of this kind: responsibility, denial ...")]
Media = Annotated[list[str] | None, typer.Option(help="With this: photo, video, document, voice, poll ...")]
From = Annotated[
    list[str] | None,
    typer.Option("--forwarded-from", help="Forwarded from this channel or name; *: from anybody."),
]
Edited = Annotated[
    bool | None, typer.Option("--edited/--not-edited", help="With a later version, or without.")
]
Deleted = Annotated[bool | None, typer.Option("--deleted/--not-deleted", help="Known to be gone, or not.")]
Links = Annotated[bool | None, typer.Option("--links/--no-links", help="With links, or without.")]
Views = Annotated[str | None, typer.Option(help="Seen so often at least, 1000; or 1000-5000.")]
AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="For spreadsheets.")]


class Order(StrEnum):
    newest = "newest"
    oldest = "oldest"
    relevance = "relevance"


class By(StrEnum):
    day = "day"
    channel = "channel"
    topic = "topic"
    claimant = "claimant"


class Bidi(StrEnum):
    auto = "auto"
    on = "on"
    off = "off"


class Format(StrEnum):
    ndjson = "ndjson"
    csv = "csv"
    parquet = "parquet"


Shape = Annotated[
    Bidi,
    typer.Option(
        help="Turn lines from right to left round for the terminal; auto: if it does not do so itself."
    ),
]


@research.command()
def search(
    text: Text = "",
    config: ConfigPath = None,
    channel: Channel = None,
    group: Group = None,
    since: Since = None,
    until: Until = None,
    zone: Zone = None,
    lang: Lang = None,
    topic: Topic = None,
    claimant: Claimant = None,
    place: Place = None,
    weapon: Weapon = None,
    kind: Kind = None,
    media: Media = None,
    forwarded_from: From = None,
    edited: Edited = None,
    deleted: Deleted = None,
    links: Links = None,
    views: Views = None,
    order: Annotated[Order, typer.Option(help="What comes first.")] = Order.newest,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=500, help="So many posts.")] = 20,
    after: Annotated[str | None, typer.Option(help="The next page: what the page before said.")] = None,
    copies: Annotated[bool, typer.Option("--copies", help="Show each copy by itself.")] = False,
    bidi: Shape = Bidi.auto,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Search all versions of all posts, however their words are spelled."""
    from deadair.commands.search import search

    search(
        config,
        Options(
            text=text, channel=channel, group=group, since=since, until=until, lang=lang, topic=topic,
            claimant=claimant, place=place, weapon=weapon, kind=kind, media=media,
            forwarded_from=forwarded_from, edited=edited, deleted=deleted, links=links, views=views,
        ),
        zone=zone,
        order=order.value,
        limit=limit,
        after=after,
        fold=not copies,
        bidi=bidi.value,
        as_json=as_json,
        as_csv=as_csv,
    )  # fmt: skip


@research.command()
def count(
    text: Text = "",
    config: ConfigPath = None,
    by: Annotated[By, typer.Option(help="What is counted by.")] = By.day,
    channel: Channel = None,
    group: Group = None,
    since: Since = None,
    until: Until = None,
    zone: Zone = None,
    lang: Lang = None,
    topic: Topic = None,
    claimant: Claimant = None,
    place: Place = None,
    weapon: Weapon = None,
    kind: Kind = None,
    media: Media = None,
    forwarded_from: From = None,
    edited: Edited = None,
    deleted: Deleted = None,
    links: Links = None,
    views: Views = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Count what a search finds, and say how much of the time we were watching."""
    from deadair.commands.count import count

    count(
        config,
        Options(
            text=text, channel=channel, group=group, since=since, until=until, lang=lang, topic=topic,
            claimant=claimant, place=place, weapon=weapon, kind=kind, media=media,
            forwarded_from=forwarded_from, edited=edited, deleted=deleted, links=links, views=views,
        ),
        zone=zone,
        by=by.value,
        as_json=as_json,
        as_csv=as_csv,
    )  # fmt: skip


@research.command()
def show(
    post: Annotated[str, typer.Argument(metavar="CHANNEL/ID", help="As @some_channel/1234, or its link.")],
    config: ConfigPath = None,
    zone: Zone = None,
    bidi: Shape = Bidi.auto,
    as_json: AsJson = False,
) -> None:
    """A post whole: versions, their differences, deletion, views, claims with evidence, who passed it on."""
    from deadair.commands.show import show

    show(config, post, zone=zone, bidi=bidi.value, as_json=as_json)


@research.command()
def export(
    text: Text = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The folder to make; without it a name is made up.")
    ] = None,
    config: ConfigPath = None,
    form: Annotated[Format, typer.Option("--format", "-f", help="ndjson, csv or parquet.")] = Format.ndjson,
    table: Annotated[
        list[str] | None,
        typer.Option(help="Only these: posts, versions, claims, incidents, activity, watch_spans, gaps."),
    ] = None,
    again: Annotated[
        Path | None, typer.Option(help="The manifest of an export: the same once more, and is it the same?")
    ] = None,
    channel: Channel = None,
    group: Group = None,
    since: Since = None,
    until: Until = None,
    zone: Zone = None,
    lang: Lang = None,
    topic: Topic = None,
    claimant: Claimant = None,
    place: Place = None,
    weapon: Weapon = None,
    kind: Kind = None,
    media: Media = None,
    forwarded_from: From = None,
    edited: Edited = None,
    deleted: Deleted = None,
    links: Links = None,
    views: Views = None,
) -> None:
    """Write what a search finds into files, with a manifest that says what it is and what was missed."""
    from deadair.commands.export import export

    export(
        config,
        Options(
            text=text, channel=channel, group=group, since=since, until=until, lang=lang, topic=topic,
            claimant=claimant, place=place, weapon=weapon, kind=kind, media=media,
            forwarded_from=forwarded_from, edited=edited, deleted=deleted, links=links, views=views,
        ),
        zone=zone,
        output=output,
        form=form.value,
        tables=table or [],
        again=again,
    )  # fmt: skip


@research.command()
def index(config: ConfigPath = None) -> None:
    """Make searchable what is not yet; `deadair run` does so by itself."""
    from deadair.commands.index import index

    index(config)
