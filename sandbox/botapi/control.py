"""Driving the Bot API's people over HTTP, by hand or by script: one route for each deed.

Every answer is JSON; a deed that cannot be done is a 400 with `what` and `hint`.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sandbox.botapi.chats import Chat, ChatKind, Standing
from sandbox.botapi.errors import Json, Misused
from sandbox.botapi.faults import Fault, Harm
from sandbox.botapi.membership import migrate, open_topic, set_bot, set_member
from sandbox.botapi.messages import Message
from sandbox.botapi.people import Person
from sandbox.botapi.server import BotApiServer

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewPerson(_Body):
    name: str
    id: int | None = None
    username: str | None = None
    language: str = "en"
    started: bool = False


class NewChat(_Body):
    title: str
    kind: ChatKind = ChatKind.GROUP
    people: list[int | str] = []
    forum: bool = False
    bot: Standing = Standing.MEMBER


class Say(_Body):
    person: int | str
    text: str
    chat: int | None = None
    topic: int | None = None
    reply_to: int | None = None


class PressButton(_Body):
    person: int | str
    button: str
    message: int | None = None
    chat: int | None = None


class Whose(_Body):
    person: int | str


class InChat(_Body):
    person: int | str
    chat: int


class InChatAs(InChat):
    standing: Standing


class NewTopic(InChat):
    name: str


class NewFault(_Body):
    harm: Harm
    method: str = "*"
    chat: str | int = ""
    times: int | None = Field(1, ge=1)
    skip: int = Field(0, ge=0)
    seconds: float = Field(0.0, ge=0)
    code: int = 500
    description: str = "Internal Server Error"
    body: str = ""


class Rates(_Body):
    on: bool | None = None
    per_second: int | None = Field(None, ge=1)
    chat_per_second: float | None = Field(None, gt=0)
    chat_burst: int | None = Field(None, ge=1)
    group_per_minute: int | None = Field(None, ge=1)


def routes(server: BotApiServer) -> list[web.RouteDef]:
    """The routes, all below `/botapi/`, for whoever mounts them."""
    control = _Control(server)
    posts: dict[str, Callable[[Json], Any]] = {
        "people": control.new_person,
        "chats": control.new_chat,
        "say": control.say,
        "press": control.press,
        "block": lambda body: control.who(Whose(**body).person).block(),
        "unblock": lambda body: control.who(Whose(**body).person).unblock(),
        "deactivate": lambda body: control.who(Whose(**body).person).deactivate(),
        "bot": control.stand,
        "members": control.join,
        "topics": control.new_topic,
        "migrate": control.migrate,
        "faults": control.new_fault,
        "poison": lambda _: {"update_id": server.poison()},
        "limits": control.set_rates,
    }
    gets: dict[str, Callable[[web.Request], Any]] = {
        "chats": lambda _: [chat.to_api() | {"shut": chat.shut} for chat in server.world.chats.values()],
        "sent": control.sent,
        "calls": control.calls,
        "errors": lambda _: server.errors,
        "faults": lambda _: [fault_to_json(fault) for fault in server.faults.waiting],
    }
    return [
        *(web.post(f"/botapi/{name}", _posted(deed)) for name, deed in posts.items()),
        *(web.get(f"/botapi/{name}", _asked(question)) for name, question in gets.items()),
        web.delete("/botapi/faults", _asked(lambda _: server.faults.clear())),
        web.get("/botapi/photo/{chat}/{message}", control.photo),
    ]


class _Control:
    def __init__(self, server: BotApiServer) -> None:
        self.server = server
        self.world = server.world

    def who(self, which: int | str) -> Person:
        for person in self.world.people.values():
            if which in (person.id, person.user["first_name"], person.user.get("username")):
                return person
        known = ", ".join(p.user["first_name"] for p in self.world.people.values())
        raise Misused(f"there is no person {which!r}", hint=f"there are {known or 'none yet'}")

    def where(self, number: int | None) -> Chat | None:
        if number is None:
            return None
        if number not in self.world.chats:
            raise Misused(f"there is no chat {number}", hint="GET /botapi/chats lists them")
        return self.world.chats[number]

    def new_person(self, body: Json) -> Json:
        return self.world.person(**NewPerson(**body).model_dump()).user

    def new_chat(self, body: Json) -> Json:
        new = NewChat(**body)
        people = [self.who(which) for which in new.people]
        return self.world.group(new.title, *people, kind=new.kind, forum=new.forum, bot=new.bot).to_api()

    def say(self, body: Json) -> Json:
        new = Say(**body)
        said = self.who(new.person).say(
            new.text, chat=self.where(new.chat), topic=new.topic, reply_to=new.reply_to
        )
        return {"message_id": said.id, "chat_id": said.chat_id}

    def press(self, body: Json) -> Json:
        new = PressButton(**body)
        pressed = self.who(new.person).press(new.button, new.message, chat=self.where(new.chat))
        return {"callback_query_id": pressed.id, "data": pressed.data}

    def stand(self, body: Json) -> None:
        new = InChatAs(**body)
        set_bot(self.world, self._chat(new.chat), self.who(new.person), new.standing)

    def join(self, body: Json) -> None:
        new = InChatAs(**body)
        set_member(self.world, self._chat(new.chat), self.who(new.person), new.standing)

    def new_topic(self, body: Json) -> Json:
        new = NewTopic(**body)
        topic = open_topic(self.world, self._chat(new.chat), self.who(new.person), new.name)
        return {"message_thread_id": topic.id}

    def migrate(self, body: Json) -> Json:
        new = InChat(**body)
        return migrate(self.world, self._chat(new.chat), self.who(new.person)).to_api()

    def new_fault(self, body: Json) -> Json:
        fields = NewFault(**body).model_dump()
        return fault_to_json(self.server.faults.add(Fault(**fields | {"chat": str(fields["chat"])})))

    def set_rates(self, body: Json) -> Json:
        limits = self.world.limits
        for name, value in Rates(**body).model_dump(exclude_none=True).items():
            setattr(limits, name, value)
        return {name: getattr(limits, name) for name in Rates.model_fields}

    def sent(self, request: web.Request) -> list[Json]:
        chat = request.query.get("chat")
        try:
            number = None if chat is None else int(chat)
        except ValueError:
            raise Misused(f"{chat!r} is no chat's number") from None
        return [message_to_json(message) for message in self.server.sent(number)]

    def calls(self, request: web.Request) -> list[Json]:
        last = int(request.query.get("last", "100")) if request.query.get("last", "100").isdigit() else 100
        latest = self.server.calls[-last:]
        return [
            {"at": c.at.isoformat(), "method": c.method, "chat": c.chat, "outcome": c.outcome} for c in latest
        ]

    async def photo(self, request: web.Request) -> web.StreamResponse:
        """The picture a message shows, as the subscriber sees it."""
        try:
            chat = self.world.chats.get(int(request.match_info["chat"]))
            message = chat.messages.get(int(request.match_info["message"])) if chat else None
        except ValueError:
            message = None
        if message is None or message.photo is None:
            return web.json_response({"what": "there is no such picture"}, status=404)
        kind = "image/png" if message.photo.startswith(b"\x89PNG") else "image/jpeg"
        return web.Response(body=message.photo, content_type=kind)

    def _chat(self, number: int) -> Chat:
        chat = self.where(number)
        if chat is None:
            raise Misused("a chat's number is needed")
        return chat


def message_to_json(message: Message) -> Json:
    """A message of the bot as its reader sees it, with what it was before."""
    shown = f"/botapi/photo/{message.chat_id}/{message.id}" if message.photo else None
    return {
        "chat_id": message.chat_id,
        "message_id": message.id,
        "sent_at": message.sent_at.isoformat(),
        "body": message.now.body.value,
        "text": message.text,
        "entities": list(message.now.entities),
        "buttons": message.buttons,
        "photo": shown,
        "reply_to": message.reply_to,
        "thread_id": message.thread_id,
        "silent": message.silent,
        "versions": [{"at": v.at.isoformat(), "text": v.text} for v in message.versions],
        "deleted_at": message.deleted_at.isoformat() if message.deleted_at else None,
    }


def fault_to_json(fault: Fault) -> Json:
    return {name: getattr(fault, name) for name in (*NewFault.model_fields, "hits")}


def _posted(deed: Callable[[Json], Any]) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            body = await request.json() if request.can_read_body else {}
        except ValueError:
            return _refused(Misused("the body is not JSON", hint='write it like {"person": "Ana"}'))
        if not isinstance(body, dict):
            return _refused(Misused("the body is not a JSON object", hint='write it like {"person": "Ana"}'))
        return _done(lambda: deed(body))

    return handle


def _asked(question: Callable[[web.Request], Any]) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        return _done(lambda: question(request))

    return handle


def _done(act: Callable[[], Any]) -> web.Response:
    try:
        result = act()
    except Misused as misused:
        return _refused(misused)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return _refused(Misused(f"{where}: {first['msg']}", hint="see what the route takes in control.py"))
    return web.json_response({"ok": True} if result is None else result)


def _refused(misused: Misused) -> web.Response:
    return web.json_response({"what": misused.what, "hint": misused.hint}, status=400)
