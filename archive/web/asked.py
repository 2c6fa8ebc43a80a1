"""What the routes of the pages need of a request: who signed in, in which role, and a form that is theirs."""

from collections.abc import Awaitable, Callable
from typing import Annotated, cast
from urllib.parse import quote

from fastapi import Depends, Request
from starlette.datastructures import FormData

from archive import complaint
from archive.pages.labels import ROLES
from archive.web.csrf import FIELD, check_form, check_origin
from archive.web.door import Door, Visitor
from archive.web.problem import Problem
from domain.clock import Clock
from domain.sentence import Sentence
from domain.subscription import Role
from storage.store import Store

#: More fields than any form of ours has.
_FIELDS = 50


class NotSignedIn(Exception):
    """A page was asked for by nobody we know: the way in is shown, then the page."""

    def __init__(self, wanted: str) -> None:
        super().__init__(wanted)
        self.wanted = wanted


def door_of(request: Request) -> Door:
    return cast("Door", request.app.state.door)


def store_of(request: Request) -> Store:
    """The archive, for an answer that has to come within `query_longest`."""
    return door_of(request).hurried


def clock_of(request: Request) -> Clock:
    return door_of(request).clock


async def signed_in(request: Request) -> Visitor:
    """Whoever signed in. Raises NotSignedIn, and Problem 429 when they ask too often."""
    door = door_of(request)
    visitor = await door.visitor(request)
    if visitor is None:
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        raise NotSignedIn(path if request.method == "GET" else "/")
    door.admit(f"session {visitor.session.secret_hash}", None)
    return visitor


SignedIn = Annotated[Visitor, Depends(signed_in)]


def for_role(role: Role) -> Callable[[Request], Awaitable[Visitor]]:
    """A dependency: whoever signed in and may do what `role` may. Raises Problem 403 for others."""

    async def allowed(request: Request) -> Visitor:
        visitor = await signed_in(request)
        if not visitor.role.at_least(role):
            raise Problem(
                403,
                "role-too-low",
                Sentence(
                    complaint.ROLE_TOO_LOW,
                    wanted=Sentence(ROLES[role.value]),
                    role=Sentence(ROLES[visitor.role.value]),
                ),
                hint=Sentence(complaint.ASK_AN_OWNER, command="/member"),
            )
        return visitor

    return allowed


async def form_of(request: Request, visitor: Visitor | None) -> FormData:
    """The form that was sent from a page of ours; with `visitor`, from one of theirs. Raises Problem."""
    check_origin(request, door_of(request).config.hosts)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if kind != "application/x-www-form-urlencoded":
        raise Problem(
            415,
            "no-form",
            Sentence(complaint.NO_FORM),
            hint=Sentence(complaint.SEND_FORM, kind="application/x-www-form-urlencoded"),
        )
    form = await request.form(max_files=0, max_fields=_FIELDS)
    if visitor is not None:
        check_form(form.get(FIELD), visitor.csrf)
    return form


def inside(path: object) -> str:
    """Where to go on: a path of ours, and no way to anybody else's site."""
    if not isinstance(path, str) or not path.startswith("/") or path.startswith(("//", "/\\")):
        return "/"
    # Everything that a header or a browser could take for something else is escaped.
    return quote(path, safe="/?&=%+,.-_~:@")
