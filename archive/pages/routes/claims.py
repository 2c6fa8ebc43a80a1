"""`/claims`: the incident tracker."""

from starlette.requests import Request
from starlette.responses import Response

from archive import complaint
from archive.pages.charts import columns
from archive.pages.incidents import SPANS, read_tracker
from archive.pages.maps import places
from archive.pages.marked import marked
from archive.pages.render import page
from archive.pages.routes.shown import Missing
from archive.pages.site import Site, Visitor
from archive.pages.voice import voice_of
from archive.weeks import EXACT
from domain.sentence import Sentence

PER_PAGE = 50
_MOST_CLAIMANTS = 20


async def claims(site: Site, request: Request, visitor: Visitor) -> Response:
    """`?days=` 7, 30 or 90; `?claimant=` and `?place=` narrow it; `?page=` turns the table's pages."""
    given = request.query_params
    days = int(given["days"]) if given.get("days", "") in map(str, SPANS) else 30
    number = int(given["page"]) if given.get("page", "").isdecimal() and len(given["page"]) < 6 else 1
    names, voice = await site.names(), voice_of(visitor.language)
    found = await read_tracker(
        site.store,
        names,
        site.clock.now(),
        visitor.zone,
        days,
        claimant=given.get("claimant") or None,
        location=given.get("place") or None,
    )
    start = max(number - 1, 0) * PER_PAGE
    weeks = [
        (
            claimant,
            sum(counts),
            [(n, share) for n, (_, share) in zip(counts, found.weeks.of(claimant), strict=True)],
            columns(
                [
                    (n, share >= 1, f"{voice.day(monday)}: {voice.number(n)}")
                    for n, (monday, share) in zip(counts, found.weeks.of(claimant), strict=True)
                ],
                label=voice.word("Acts by the week"),
            ),
        )
        for claimant, counts in found.weeks.by_claimant[:_MOST_CLAIMANTS]
    ]
    return page(
        request,
        visitor,
        "claims.html",
        found=found,
        acts=found.acts[start : start + PER_PAGE],
        number=number,
        more=len(found.acts) > start + PER_PAGE,
        days=days,
        spans=SPANS,
        weeks=weeks,
        map=places(found.points, names, voice, label=voice.word("Map of the places")),
        exact=EXACT,
        names=names,
    )


async def incident(site: Site, request: Request, visitor: Visitor) -> Response:
    """`/claims/NUMBER`: one act, and every post that tells of it."""
    wanted = request.path_params["number"]
    number = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 18 else None
    async with site.store.read() as tx:
        known = await tx.claims.incident(number) if number is not None else None
        if known is None:
            raise Missing(
                Sentence(complaint.NO_INCIDENT, number=wanted), hint=Sentence(complaint.CLAIMS_LISTS)
            )
        told = await tx.claims.telling_of([known.id])
        channels = {c.id: c for c in await tx.channels.all()}
    return page(
        request,
        visitor,
        "incident.html",
        incident=known,
        told=[
            (c, marked(text, [(s.start, s.end) for s in c.claim.evidence]))
            for c, text in sorted(told, key=lambda each: each[0].posted_at)
        ],
        channels=channels,
        names=await site.names(),
    )
