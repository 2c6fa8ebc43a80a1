"""`/episodes`: what was found, its evidence, and what people make of it."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from archive import complaint
from archive.pages.channel import find_channel
from archive.pages.charts import activity
from archive.pages.episodes import read_case
from archive.pages.render import page
from archive.pages.routes.shown import Missing, require
from archive.pages.site import Site, Visitor
from archive.pages.voice import voice_of
from domain.episode import State
from domain.errors import DeadairError
from domain.finding import Kind
from domain.opinion import Opinion, Says
from domain.sentence import Sentence
from domain.subscription import Role

PER_PAGE = 50
_LONGEST_NOTE = 1000


class NotSaid(DeadairError):
    """A word on an episode that cannot be kept."""


async def episodes(site: Site, request: Request, visitor: Visitor) -> Response:
    """`?state=`, `?kind=`, `?channel=` narrow them; `?before=` goes on."""
    given = request.query_params
    state = given.get("state") if given.get("state") in set(State) else None
    kind = given.get("kind") if given.get("kind") in set(Kind) else None
    before = _number(given.get("before", ""))
    async with site.store.read() as tx:
        channels = {c.id: c for c in await tx.channels.all()}
        about = None
        if wanted := given.get("channel"):
            about = await find_channel(tx, wanted)
            if about is None:
                raise Missing(
                    Sentence(complaint.NOT_IN_ARCHIVE["channel"], name=repr(wanted)),
                    hint=Sentence(complaint.NOW_LISTS),
                )
        found = await tx.overview.episodes(
            PER_PAGE + 1, before=before, state=state, kind=kind, channel_id=about.id if about else None
        )
        opinions = await tx.overview.opinions([e.id for e in found])
    return page(
        request,
        visitor,
        "episodes.html",
        episodes=found[:PER_PAGE],
        more=found[PER_PAGE - 1].id if len(found) > PER_PAGE else None,
        opinions=opinions,
        channels=channels,
        about=about,
        all_states=list(State),
        all_kinds=list(Kind),
        names=await site.names(),
    )


async def episode(site: Site, request: Request, visitor: Visitor) -> Response:
    wanted = request.path_params["number"]
    number, now = _number(wanted), site.clock.now()
    async with site.store.read() as tx:
        case = await read_case(tx, number, now) if number is not None else None
    if case is None:
        raise Missing(Sentence(complaint.NO_EPISODE, number=wanted), hint=Sentence(complaint.EPISODES_LISTS))
    voice, found = voice_of(visitor.language), case.episode
    chart = activity(
        case.points,
        visitor.zone,
        voice,
        label=voice.word("Posts by the hour beside what was to be expected"),
        episodes=[(found.since_at, found.closed_at or now, found.kind.value)],
    )
    return page(
        request,
        visitor,
        "episode.html",
        case=case,
        e=found,
        chart=chart if case.points else None,
        now=now,
        channels=case.channels,
        choices=list(Says),
        may_say=visitor.may(Role.ANALYST),
        names=await site.names(),
    )


async def say(site: Site, request: Request, visitor: Visitor) -> Response:
    """Keep a person's word on an episode; it stands until the next."""
    form = await site.gate.form(request, visitor)
    require(visitor, Role.ANALYST)
    wanted = request.path_params["number"]
    number, says, note = _number(wanted), form.get("says", ""), form.get("note", "").strip()
    if says not in set(Says):
        raise NotSaid("choose what you make of it", hint=f"one of {', '.join(Says)}")
    if len(note) > _LONGEST_NOTE:
        raise NotSaid(f"the note has {len(note)} characters", hint=f"{_LONGEST_NOTE} at most")
    async with site.store.begin() as tx:
        if number is None or await tx.episodes.get(number) is None:
            raise Missing(
                Sentence(complaint.NO_EPISODE, number=wanted), hint=Sentence(complaint.EPISODES_LISTS)
            )
        await tx.opinions.add(
            Opinion(episode_id=number, at=site.clock.now(), says=Says(says), by=visitor.name, note=note)
        )
        tx.notify("opinions")
    return RedirectResponse(f"/episodes/{number}#people", 303)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None
