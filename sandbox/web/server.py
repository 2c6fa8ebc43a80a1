"""t.me on loopback: /s/NAME, /NAME and /robots.txt, with conditional requests and faults on demand."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime
from hashlib import blake2b

from aiohttp import web

from domain.errors import DeadairError
from sandbox.channel import Channel
from sandbox.web.pages import card, feed
from sandbox.world import World

ROBOTS = "User-agent: *\nDisallow: /joinchat/\n"


@dataclass(slots=True, kw_only=True)
class WebFault:
    """The next `times` pages are answered so instead; None: all of them."""

    status: int = 503
    retry_after: int | None = None
    body: str = ""
    drop: bool = False  #: the connection is cut without an answer
    path: str = ""  #: only pages whose path begins so, with what is asked of it (`/s/NAME?before=`)
    times: int | None = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, and what came of it."""

    path: str
    agent: str
    status: int


class WebPreview:
    """Serves the world's public channels. `url` is where; `log` has every request."""

    def __init__(self, world: World, *, robots: str = ROBOTS) -> None:
        self.world = world
        self.robots = robots
        self.robots_status = 200
        self.log: list[Asked] = []
        self.faults: list[WebFault] = []
        self.undated: set[int] = set()  #: numbers of messages whose date is not shown, as if laid out anew
        self.url = ""
        self._runner: web.AppRunner | None = None

    @property
    def counts(self) -> Counter[str]:
        return Counter(each.path.partition("?")[0] for each in self.log)

    async def start(self, port: int = 0) -> str:
        """Listen on loopback; 0 takes any free port. Returns the address."""
        app = web.Application()
        app.add_routes([web.get("/{tail:.*}", self._answer)])
        self._runner = web.AppRunner(app, shutdown_timeout=0.5, access_log=None)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise DeadairError(
                f"the web preview cannot listen on port {port}: {error.strerror}",
                hint="choose another port, or 0 for any free one",
            ) from error
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self.url

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> "WebPreview":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        fault = self._fault(request.path_qs)
        if fault is not None and fault.drop:
            self._note(request, 0)
            assert request.transport is not None  # noqa: S101 - there is one while it is being answered
            request.transport.abort()
            return web.Response()
        answer = self._failed(fault) if fault is not None else self._page(request)
        self._note(request, answer.status)
        answer.headers["Date"] = format_datetime(self.world.clock.now().astimezone(UTC), usegmt=True)
        return answer

    def _page(self, request: web.Request) -> web.Response:
        if request.path == "/robots.txt":
            return web.Response(text=self.robots, status=self.robots_status)
        first, _, rest = request.path.strip("/").partition("/")
        name = rest if first == "s" else first
        channel = self.world.by_handle(name) if name else None
        if first != "s":
            return _html(self._card(channel))
        if channel is None or not is_shown(channel):
            return web.Response(status=302, headers={"Location": f"/{name}"})
        page = feed(
            self.world,
            channel,
            before=_number(request.query.get("before")),
            after=_number(request.query.get("after")),
            undated=self.undated,
        )
        tag = f'"{blake2b(page.encode(), digest_size=8).hexdigest()}"'
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        return _html(page, ETag=tag)

    def _card(self, channel: Channel | None) -> str:
        if channel is None:
            return card("", "")
        return card(channel.title, f"{channel.audience:,} subscribers".replace(",", " "))

    def _fault(self, path: str) -> WebFault | None:
        for fault in self.faults:
            if path.startswith(fault.path) and path != "/robots.txt":
                if fault.times is not None:
                    fault.times -= 1
                    if not fault.times:
                        self.faults.remove(fault)
                return fault
        return None

    def _failed(self, fault: WebFault) -> web.Response:
        headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        return web.Response(
            status=fault.status, text=fault.body, headers=headers, content_type="text/html", charset="utf-8"
        )

    def _note(self, request: web.Request, status: int) -> None:
        agent = request.headers.get("User-Agent", "")
        self.log.append(Asked(path=request.path_qs, agent=agent, status=status))


def is_shown(channel: Channel) -> bool:
    """Does the channel have a preview at all?"""
    return channel.preview and not (channel.private or channel.deleted or channel.is_hidden)


def _html(page: str, **headers: str) -> web.Response:
    return web.Response(text=page, content_type="text/html", charset="utf-8", headers=headers)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
