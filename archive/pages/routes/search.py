"""`/search`: what the archive holds of something."""

from starlette.requests import Request
from starlette.responses import Response

from archive import complaint
from archive.count import By, count
from archive.errors import FilterError, QueryError
from archive.narrow import what_to_narrow
from archive.pages.asked import paging_of, query_of
from archive.pages.marked import excerpt
from archive.pages.render import page
from archive.pages.site import Site, Visitor
from archive.query import Order
from archive.search import search as searched
from domain.sentence import Sentence
from storage.errors import TooHeavy

_SNIPPET = 320


async def search(site: Site, request: Request, visitor: Visitor) -> Response:
    """The form, and what it found; `?by=` counts instead."""
    given = request.query_params
    asked_anything = any(value for name, value in given.items() if name not in ("lang", "order", "copies"))
    names = await site.names()
    error, hint, pointed, found, counted, channels, groups, answer = "", "", "", None, None, {}, [], None
    try:
        async with site.store.read() as tx:
            channels = {c.id: c for c in await tx.channels.all()}
            groups = sorted({c.group for c in channels.values() if c.group})
            if asked_anything:
                query = query_of(given, visitor.zone)
                if by := given.get("by"):
                    counted = await count(tx, query, _by(by), zone=visitor.zone, now=site.clock.now())
                else:
                    found = await searched(tx, query, paging_of(given))
    except QueryError as wrong:
        error, hint, pointed, answer = wrong.what, wrong.hint, _pointed(wrong), 400
    except FilterError as wrong:
        error, hint, answer = wrong.what, wrong.hint, 400
    except TooHeavy as wrong:
        order = Order.RELEVANCE if given.get("order") == Order.RELEVANCE.value else None
        error, hint, answer = wrong.what, what_to_narrow(query_of(given, visitor.zone), order), 503
    hits = []
    for hit in found.hits if found else ():
        number, snippet = hit.snippet(_SNIPPET)
        hits.append((hit, channels.get(hit.post.channel_id), number, excerpt(snippet)))
    return page(
        request,
        visitor,
        "search.html",
        status=answer or 200,
        error=error,
        hint=hint,
        pointed=pointed,
        found=found,
        hits=hits,
        counted=counted,
        channels=channels,
        groups=groups,
        names=names,
        most=max([row.n for row in counted.rows], default=0) if counted else 0,
    )


def _by(by: str) -> By:
    if by not in {each.value for each in By}:
        raise FilterError(
            Sentence(complaint.NOT_COUNTED_BY, name=repr(by)),
            hint=Sentence(complaint.THERE_ARE, names=tuple(each.value for each in By)),
        )
    return By(by)


def _pointed(wrong: QueryError) -> str:
    """The query with a mark where it goes wrong."""
    return f"{wrong.text[: wrong.at]}\u2009⟨?⟩\u2009{wrong.text[wrong.at :]}"
