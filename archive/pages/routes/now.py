"""`/`: every channel now."""

from starlette.requests import Request
from starlette.responses import Response

from archive.pages.charts import Drawing, spark
from archive.pages.now import Line, read_now
from archive.pages.render import page
from archive.pages.site import Site, Visitor
from archive.pages.voice import voice_of


async def now(site: Site, request: Request, visitor: Visitor) -> Response:
    """`?state=` and `?group=` narrow it."""
    found = await read_now(site.store, site.usuals, site.clock.now())
    voice = voice_of(visitor.language)
    state, group = request.query_params.get("state"), request.query_params.get("group")
    label = voice.word("Posts by the hour over the last day")

    def drawn(line: Line) -> Drawing:
        return spark(line.hours, label=label)

    return page(
        request,
        visitor,
        "now.html",
        now=found,
        total=len(found.lines),
        counts=found.counts,
        groups=found.groups,
        lines=[
            line
            for line in found.lines
            if (not state or line.standing == state) and (not group or line.channel.group == group)
        ],
        spark=drawn,
        names=await site.names(),
    )
