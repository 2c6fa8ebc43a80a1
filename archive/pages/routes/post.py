"""`/channels/NAME/NUMBER`: a post with all its versions."""

from starlette.requests import Request
from starlette.responses import Response

from archive import complaint
from archive.history import history
from archive.pages.channel import find_channel
from archive.pages.marked import compared, marked
from archive.pages.render import page
from archive.pages.routes.shown import Missing
from archive.pages.site import Site, Visitor
from domain.channel import Channel
from domain.sentence import Sentence

#: Of those who said the same, so many are listed.
_RELAYS = 50
_LARGEST = 2**62


async def post(site: Site, request: Request, visitor: Visitor) -> Response:
    wanted, number = request.path_params["name"], request.path_params["number"]
    async with site.store.read() as tx:
        channel = await find_channel(tx, wanted)
        if channel is None:
            raise Missing(
                Sentence(complaint.NOT_IN_ARCHIVE["channel"], name=repr(wanted)),
                hint=Sentence(complaint.NOW_LISTS),
            )
        known = int(number) if number.isdecimal() and int(number) < _LARGEST else None
        kept = await tx.posts.get(channel.id, known) if known is not None else None
        if kept is None:
            raise Missing(
                Sentence(complaint.NO_POST, number=number, name=channel.name),
                hint=Sentence(complaint.NEVER_THERE),
            )
        found = await history(tx, channel, kept)
        channels = {c.id: c for c in await tx.channels.all()}
    texts = {version.number: version.text for version in found.versions}
    claims = []
    for claim in found.claims:
        text = texts.get(claim.revision, found.post.text)
        shown = [(span.field, text[span.start : span.end], span.rule) for span in claim.claim.evidence]
        whole = marked(text, [(span.start, span.end) for span in claim.claim.evidence])
        claims.append((claim, shown, whole))
    return page(
        request,
        visitor,
        "post.html",
        channel=channel,
        channels=channels,
        found=found,
        versions=[(v, compared(v.pieces)) for v in reversed(found.versions)],
        claims=claims,
        relays=found.relays[:_RELAYS],
        more=max(0, len(found.relays) - _RELAYS),
        outside=_outside(channel, found.post.id),
        names=await site.names(),
    )


def _outside(channel: Channel, number: int) -> str | None:
    """Where it stands on Telegram."""
    if channel.handle:
        return f"https://t.me/{channel.handle}/{number}"
    return f"https://t.me/c/{channel.id}/{number}" if channel.id > 0 else None
