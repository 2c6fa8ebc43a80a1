"""The control API of a running sandbox: everything a test can say, over HTTP, for a person or a script.

`POST /telegram/<verb>` with a JSON object does something, `GET /telegram/<what>` tells something. A deed that
cannot be done is a 400 with `what` and `hint`.
"""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from pydantic import ValidationError

from domain.errors import DeadairError
from sandbox.account import Account
from sandbox.faults import Fault, Throttle, UpdateFault
from sandbox.mtproto.server import MtprotoServer
from sandbox.orders import (
    AcceptLogin,
    AccountFate,
    CallFault,
    DeletePosts,
    EditPost,
    HideHistory,
    MakePrivate,
    Mark,
    NewAccount,
    NewChannel,
    NewHandle,
    NewPost,
    NewTitle,
    OfAccount,
    OfChannel,
    Order,
    PushFault,
    Restrict,
    SetAudience,
    SetLink,
    SetViews,
    ShowPreview,
    Throttled,
)
from sandbox.post import Post
from sandbox.world import World

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def routes(server: MtprotoServer) -> list[web.RouteDef]:
    """The routes, all below `/telegram/`, for whoever mounts them."""
    control = _Control(server)
    world = server.world
    deeds: dict[str, tuple[type[Order], Callable[[Any], Any]]] = {
        "post": (NewPost, control.post),
        "edit": (
            EditPost,
            lambda b: _post(world.edit(b.channel, b.id, b.text, at=b.at, push=b.push)),
        ),
        "delete": (DeletePosts, lambda b: world.delete(b.channel, *b.ids, push=b.push)),
        "views": (SetViews, lambda b: _post(world.set_views(b.channel, b.id, b.views))),
        "rename": (NewTitle, lambda b: world.rename(b.channel, b.title)),
        "handle": (NewHandle, lambda b: world.set_handle(b.channel, b.handle)),
        "take_handle": (NewTitle, lambda b: {"channel": world.take_handle(b.channel, b.title).id}),
        "private": (MakePrivate, lambda b: world.make_private(b.channel, evict=b.evict)),
        "public": (NewHandle, lambda b: world.make_public(b.channel, b.handle)),
        "restrict": (Restrict, lambda b: world.restrict(b.channel, b.reason, on=b.on)),
        "mark": (Mark, lambda b: world.mark(b.channel, scam=b.scam, fake=b.fake)),
        "make_group": (OfChannel, lambda b: world.make_group(b.channel)),
        "hide_history": (HideHistory, lambda b: world.hide_history(b.channel, hidden=b.hidden)),
        "preview": (ShowPreview, lambda b: setattr(world.channel(b.channel), "preview", b.shown)),
        "audience": (SetAudience, lambda b: world.set_audience(b.channel, b.members)),
        "delete_channel": (OfChannel, lambda b: world.delete_channel(b.channel)),
        "ban": (OfAccount, lambda b: control.each(b, world.ban)),
        "unban": (OfAccount, lambda b: control.each(b, world.unban)),
        "join": (OfAccount, lambda b: control.each(b, world.join)),
        "leave": (OfAccount, lambda b: control.each(b, world.leave)),
        "channels": (NewChannel, control.new_channel),
        "accounts": (NewAccount, lambda b: {"account": world.add_account(**b.model_dump()).id}),
        "account": (AccountFate, control.befall_account),
        "accept_login": (AcceptLogin, control.accept_login),
        "link": (SetLink, control.set_link),
        "faults": (CallFault, lambda b: server.faults.calls.append(Fault(**b.model_dump()))),
        "throttles": (Throttled, control.throttle),
        "update_faults": (
            PushFault,
            lambda b: server.faults.updates.append(UpdateFault(**b.model_dump())),
        ),
    }
    questions: dict[str, Callable[[web.Request], Any]] = {
        "state": lambda _: control.state(),
        "log": control.log,
        "record": control.record,
        "errors": lambda _: server.errors,
        "faults": lambda _: (
            [_fault(f) for f in server.faults.calls]
            + [_fault(f) for f in server.faults.updates]
            + [_fault(f) for f in server.faults.throttles]
        ),
    }
    return [
        *(web.post(f"/telegram/{name}", _does(body, deed)) for name, (body, deed) in deeds.items()),
        *(web.get(f"/telegram/{name}", _tells(question)) for name, question in questions.items()),
        web.delete("/telegram/faults", _tells(lambda _: server.faults.clear())),
    ]


class _Control:
    def __init__(self, server: MtprotoServer) -> None:
        self.server = server
        self.world: World = server.world

    def account(self, number: int) -> Account:
        if number not in self.world.accounts:
            known = ", ".join(map(str, self.world.accounts)) or "none yet"
            raise DeadairError(f"there is no account {number}", hint=f"there are {known}")
        return self.world.accounts[number]

    def post(self, body: NewPost) -> Json:
        """One post, or `times` of them numbered, for a flood."""
        posts = [
            self.world.post(
                body.channel,
                body.text if body.times == 1 else f"{body.text} {n + 1}",
                at=body.at,
                push=body.push,
                log=body.log,
            )
            for n in range(body.times)
        ]
        return _post(posts[-1])

    def each(self, body: OfAccount, deed: Callable[[Any, Account], None]) -> None:
        channel = self.world.channel(body.channel)
        whom = self.world.accounts.values() if body.account is None else [self.account(body.account)]
        for account in list(whom):
            deed(channel, account)

    def new_channel(self, body: NewChannel) -> Json:
        members = list(self.world.accounts.values()) if body.joined else []
        channel = self.world.add_channel(body.title, body.handle, members=members)
        return {"channel": channel.id, "invite": channel.invite}

    def befall_account(self, body: AccountFate) -> None:
        account = self.account(body.account)
        match body.fate:
            case "log_out":
                self.server.log_out(account)
            case "forget_keys":
                self.server.forget_keys(account)
            case "refuse":
                account.refused = (body.code, body.message)
            case "pardon":
                account.refused = None

    def throttle(self, body: Throttled) -> None:
        order = body.model_dump(exclude={"seconds"})
        self.server.faults.throttle(until=self.world.clock.now() + timedelta(seconds=body.seconds), **order)

    def accept_login(self, body: AcceptLogin) -> None:
        self.server.accept_login(body.url, self.account(body.account))

    def set_link(self, body: SetLink) -> Json:
        link = self.server.link
        for name in ("clock_skew", "mute_pings"):
            if (value := getattr(body, name)) is not None:
                setattr(link, name, value)
        if "transport_error" in body.model_fields_set:
            link.transport_error = body.transport_error
        if body.state is not None:
            link.set(body.state)
        if body.deed is not None:
            getattr(link, body.deed)()
        return self._link()

    def _link(self) -> Json:
        link = self.server.link
        return {
            "state": link.state,
            "port": link.port,
            "connections": link.connections,
            "clock_skew": link.clock_skew,
            "mute_pings": link.mute_pings,
            "transport_error": link.transport_error,
        }

    def state(self) -> Json:
        return {
            "now": self.world.clock.now(),
            "link": self._link(),
            "sessions": len(self.server.sessions),
            "accounts": [
                {"id": a.id, "phone": a.phone, "refused": a.refused} for a in self.world.accounts.values()
            ],
            "channels": [
                {
                    "id": c.id,
                    "title": c.title,
                    "handle": c.handle,
                    "group": c.group,
                    "posts": len(c.ids),
                    "top_id": c.top_id,
                    "pts": c.pts,
                    "last_at": newest.posted_at if (newest := c.newest()) else None,
                    "private": c.private,
                    "deleted": c.deleted,
                    "restriction": c.restriction,
                    "members": sorted(c.members),
                    "banned": sorted(c.banned),
                    "invite": c.invite,
                }
                for c in self.world.channels.values()
            ],
        }

    def log(self, request: web.Request) -> Json:
        asked = request.query.get("last", "100")
        last = int(asked) if asked.isdigit() else 100
        entries = list(self.server.log.entries)[-last:] if last else []
        return {
            "counts": self.server.log.counts,
            "calls": [
                {
                    "at": e.at,
                    "account": e.account,
                    "method": e.method,
                    "channel": e.channel,
                    "outcome": e.outcome,
                }
                for e in entries
            ],
        }

    def record(self, request: web.Request) -> Json:
        """The sandbox's own record, of one channel (`?channel=`) or of all."""
        asked = request.query.get("channel")
        if asked is None:
            chosen = list(self.world.channels.values())
        else:
            chosen = [self.world.channel(int(asked) if asked.isdigit() else asked)]
        return {
            str(c.id): {
                str(i): {"versions": [_post(v) for v in r.versions], "deleted_at": r.deleted_at}
                for i, r in c.record().items()
            }
            for c in chosen
        }


def _post(post: Post) -> Json:
    return {
        "channel": post.channel_id,
        "id": post.id,
        "posted_at": post.posted_at,
        "edited_at": post.edited_at,
        "text": post.text,
        "media": post.media.kind if post.media else None,
        "album_id": post.album_id,
        "service": post.service,
        "views": post.views,
    }


def _fault(fault: Fault | UpdateFault | Throttle) -> Json:
    names = (
        "deed",
        "upset",
        "method",
        "channel",
        "account",
        "times",
        "code",
        "message",
        "seconds",
        "done",
        "until",
    )
    return {name: getattr(fault, name) for name in names if hasattr(fault, name)}


def _does(body: type[Order], deed: Callable[[Any], Any]) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            read = body.model_validate_json(await request.read() or b"{}")
            return _answer(deed(read) or {"done": True})
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            fields = ", ".join(body.model_fields)
            return _refused(f"{where}: {first['msg']}" if where else first["msg"], f"the fields are {fields}")
        except DeadairError as error:
            return _refused(error.what, error.hint)

    return handle


def _tells(question: Callable[[web.Request], Any]) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            found = question(request)
        except DeadairError as error:
            return _refused(error.what, error.hint)
        return _answer({"done": True} if found is None else found)

    return handle


def _answer(found: Any) -> web.Response:
    return web.json_response(text=json.dumps(found, default=_plain, ensure_ascii=False))


def _refused(what: str, hint: str) -> web.Response:
    return web.json_response({"what": what, "hint": hint}, status=400)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
