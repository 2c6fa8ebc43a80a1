"""`/tune`: what a threshold would have raised, before it is kept."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from archive import complaint
from archive.pages.channel import find_channel
from archive.pages.render import channel_address, page
from archive.pages.routes.shown import Missing, require
from archive.pages.site import Site, Visitor
from archive.pages.tuning import Weighed
from domain.budget import MOST, is_budget
from domain.change import Change, What
from domain.channel import Channel, ChannelStatus
from domain.errors import DeadairError
from domain.sentence import Sentence
from domain.subscription import Role

_LONGEST_REASON = 500


class NotKept(DeadairError):
    """A threshold that is not kept."""


async def channels(site: Site, request: Request, visitor: Visitor) -> Response:
    """Which channel?"""
    async with site.store.read() as tx:
        known = [c for c in await tx.channels.all() if c.status is not ChannelStatus.RETIRED]
        saved = await tx.changes.budgets()
    return page(
        request,
        visitor,
        "tune_which.html",
        known=sorted(known, key=lambda c: (c.group or "\uffff", c.title.casefold())),
        saved={c.id: budget for c in known if (budget := saved.get(f"channel:{c.id}")) is not None},
        everybody=site.rules.silence.budget,
    )


async def tune(site: Site, request: Request, visitor: Visitor) -> Response:
    """`?budget=` false alarms a month, `?topic=` of it."""
    given = request.query_params
    budget = _budget(given["budget"]) if given.get("budget") else None
    weighed = await _weighed(site, request, given.get("topic") or None, budget)
    return page(
        request,
        visitor,
        "tune.html",
        w=weighed,
        channel=weighed.channel if weighed else await _channel(site, request),
        may_save=visitor.may(Role.OPS),
        names=await site.names(),
    )


async def save(site: Site, request: Request, visitor: Visitor) -> Response:
    """Keep a threshold, with who and why; what is of no use is refused."""
    form = await site.gate.form(request, visitor)
    require(visitor, Role.OPS)
    reason, topic = form.get("reason", "").strip(), form.get("topic") or None
    if not reason:
        raise NotKept(Sentence(complaint.SAY_WHY), hint=Sentence(complaint.REASON_KEPT))
    if len(reason) > _LONGEST_REASON:
        raise NotKept(
            Sentence(complaint.REASON_TOO_LONG, n=len(reason)),
            hint=Sentence(complaint.AT_MOST, n=_LONGEST_REASON),
        )
    back = form.get("do") == "back"
    budget = None if back else _budget(form.get("budget", ""))
    weighed = await _weighed(site, request, topic, budget)
    if weighed is None:
        raise NotKept(Sentence(complaint.NOT_READ), hint=Sentence(complaint.WAIT_FOR_READER))
    if topic is not None and topic not in weighed.topics and not back:
        raise NotKept(Sentence(complaint.NO_TOPIC, name=repr(topic)))
    if weighed.refused is not None and not back:
        raise NotKept(
            Sentence(complaint.OF_NO_USE, why=weighed.refused.what),
            hint=Sentence(complaint.CHOOSE_ANOTHER),
        )
    subject = weighed.subject
    async with site.store.begin() as tx:
        before = (await tx.changes.budgets()).get(subject)
        if before != budget:
            await tx.changes.set_budget(subject, budget)
            await tx.changes.add(
                Change(
                    at=site.clock.now(),
                    by=visitor.person,
                    name=visitor.name,
                    what=What.BUDGET,
                    subject=subject,
                    old=None if before is None else {"budget": before},
                    new={"budget": budget, "reason": reason} if budget is not None else {"reason": reason},
                )
            )
            tx.notify("budgets")
    asked = urlencode({"topic": topic} if topic else {})
    return RedirectResponse(f"{_address(weighed)}{'?' if asked else ''}{asked}", 303)


def _address(weighed: Weighed) -> str:
    return channel_address(weighed.channel).replace("/channels/", "/tune/", 1)


async def _weighed(site: Site, request: Request, topic: str | None, budget: float | None) -> Weighed | None:
    return await site.tuner.weigh(
        site.store,
        site.rules,
        site.budgets,
        site.topics,
        await _channel(site, request),
        site.clock.now(),
        topic=topic,
        budget=budget,
    )


async def _channel(site: Site, request: Request) -> Channel:
    wanted = request.path_params["name"]
    async with site.store.read() as tx:
        channel = await find_channel(tx, wanted)
    if channel is None:
        raise Missing(
            Sentence(complaint.NOT_IN_ARCHIVE["channel"], name=repr(wanted)),
            hint=Sentence(complaint.TUNE_LISTS),
        )
    return channel


def _budget(text: str) -> float:
    try:
        budget = float(text) if len(text) < 20 else -1.0
    except ValueError:
        budget = -1.0
    if not is_budget(budget):
        raise NotKept(
            Sentence(complaint.NO_THRESHOLD, words=repr(text[:20])),
            hint=Sentence(complaint.THRESHOLD_RANGE, n=MOST),
        )
    return budget
