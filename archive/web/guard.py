"""What every request passes before anything of ours sees it, and what every answer is sent with."""

from collections.abc import Collection
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from archive import complaint
from archive.web.problem import Problem
from domain.errors import DeadairError
from domain.sentence import Sentence

log = structlog.get_logger(__name__)

#: No form of ours is larger; the API takes no body at all.
LARGEST: Final = 64 * 1024
_LONGEST_QUERY: Final = 8 * 1024

#: Nothing from anywhere else, nothing inline; texts of posts are text wherever they are shown.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: under it browsers send forms with `Origin: null`.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
}


class Guard:
    """Refuses requests for other hosts and bodies that are too large; answers whatever was not foreseen."""

    def __init__(self, app: ASGIApp, *, hosts: Collection[str], secure: bool) -> None:
        self._app = app
        self._hosts = hosts
        self._headers = dict(_HEADERS)
        if secure:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        begun = ended = False

        async def dressed(message: Message) -> None:
            nonlocal begun, ended
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)
            ended = message["type"] == "http.response.body" and not message.get("more_body", False)

        try:
            self._admit(Headers(scope=scope), scope)
            await self._app(scope, _limited(receive), dressed)
        except Problem as problem:
            if begun:
                raise
            await problem.response()(scope, receive, dressed)
        except ClientDisconnect:
            return
        except Exception as error:
            if ended:  # what was not foreseen has been logged and answered
                return
            log.warning(
                "web: an answer breaks off", path=scope["path"], why=str(error) or type(error).__name__
            )
            raise

    def _admit(self, headers: Headers, scope: Scope) -> None:
        hosts = headers.getlist("host")
        name = _host(hosts[0]) if len(hosts) == 1 else ""
        if name not in self._hosts:
            raise Problem(
                421, "wrong-host", "no such site is served here", hint="[web] address names the one that is"
            )
        if len(scope.get("query_string", b"")) > _LONGEST_QUERY:
            raise Problem(414, "address-too-long", f"the part after ? is longer than {_LONGEST_QUERY} bytes")
        length = headers.get("content-length")
        if length is not None and (not length.isdecimal() or int(length) > LARGEST):
            raise _too_large()
        if "\0" in scope["path"]:
            raise Problem(400, "not-readable", "a path has no NUL in it")


def _host(value: str) -> str:
    """A Host header's name without its port."""
    name = value.strip().casefold()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.rpartition(":")[0] if name.count(":") == 1 else name


def _limited(receive: Receive) -> Receive:
    """The body as it comes, as far as it may go."""
    size = 0

    async def limited() -> Message:
        nonlocal size
        message = await receive()
        if message["type"] == "http.request":
            size += len(message.get("body", b""))
            if size > LARGEST:
                raise _too_large()
        return message

    return limited


def _too_large() -> Problem:
    return Problem(
        413,
        "body-too-large",
        f"a body here has at most {LARGEST} bytes",
        headers={"Connection": "close"},
    )


def unavailable() -> Problem:
    return Problem(
        503,
        "archive-unavailable",
        Sentence(complaint.CANNOT_ASK),
        hint=Sentence(complaint.IN_A_WHILE),
        headers={"Retry-After": "5"},
    )


def too_heavy(error: DeadairError) -> Problem:
    return Problem(503, "takes-too-long", error.what, hint=error.hint, headers={"Retry-After": "10"})


def unforeseen() -> Problem:
    return Problem(500, "unforeseen", Sentence(complaint.WENT_WRONG), hint=Sentence(complaint.LOG_SAYS))


def problem_of(error: DeadairError, status: int, code: str) -> Problem:
    """An error of ours as an answer."""
    return Problem(status, code, error.what, hint=error.hint)
