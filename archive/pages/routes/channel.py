"""`/channels/NAME`: one channel."""

from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from archive import complaint
from archive.pages.channel import SPANS, find_channel, read_portrait
from archive.pages.charts import activity, columns, heat
from archive.pages.render import page
from archive.pages.routes.shown import Missing
from archive.pages.site import Site, Visitor
from archive.pages.voice import voice_of
from domain.sentence import Sentence


async def channel(site: Site, request: Request, visitor: Visitor) -> Response:
    """`?days=` of activity: 7, 14 or 30."""
    wanted = request.path_params["name"]
    async with site.store.read() as tx:
        known = await find_channel(tx, wanted)
    if known is None:
        raise Missing(
            Sentence(complaint.NOT_IN_ARCHIVE["channel"], name=repr(wanted)),
            hint=Sentence(complaint.NOW_LISTS),
        )
    asked = request.query_params.get("days", "")
    days = int(asked) if asked in map(str, SPANS) else 14
    now = site.clock.now()
    found = await read_portrait(site.store, known, now, days, visitor.zone)
    voice, names = voice_of(visitor.language), await site.names()
    own = ZoneInfo(known.zone)
    marks = [(e.since_at, e.closed_at or now, e.kind.value) for e in found.episodes if e.kind != "channel"]
    strands = [
        (
            names.of(each.claimant, visitor.language) if each.claimant else each.topic.replace("_", " "),
            each,
            columns(
                [(n, whole, f"{voice.day(day)}: {voice.number(n)}") for day, n, whole in each.days],
                label=voice.word("Posts by the day over the last 30 days"),
            ),
        )
        for each in found.strands
    ]
    return page(
        request,
        visitor,
        "channel.html",
        channel=known,
        found=found,
        days=days,
        spans=SPANS,
        activity=activity(
            found.points,
            visitor.zone,
            voice,
            label=voice.word("Posts by the hour beside what was to be expected"),
            episodes=marks,
        ),
        heat=heat(
            [list(map(float, day)) for day in found.usual.week(own)],
            voice,
            label=voice.word("Usual posts an hour by weekday and hour of the day"),
        )
        if found.usual.is_known
        else None,
        week=found.usual.week(own) if found.usual.is_known else None,
        strands=strands,
        names=names,
    )
