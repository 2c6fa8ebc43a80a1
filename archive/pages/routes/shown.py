"""What every page has in common: who looks, and what they see when it cannot be made."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response

from archive import complaint
from archive.pages.labels import ROLES
from archive.pages.render import page
from archive.pages.site import Gate, Visitor
from archive.pages.voice import voice_of
from domain.errors import DeadairError
from domain.sentence import Sentence
from domain.subscription import Role
from storage.errors import StoreError, TooHeavy

#: Makes a page for somebody.
Maker: TypeAlias = Callable[[Request, Visitor], Awaitable[Response]]


class Missing(DeadairError):
    """There is no such thing in the archive."""


class Forbidden(DeadairError):
    """Their role does not let them."""


def require(visitor: Visitor, role: Role) -> None:
    """Raises Forbidden."""
    if not visitor.may(role):
        raise Forbidden(
            Sentence(
                complaint.ROLE_TOO_LOW,
                wanted=Sentence(ROLES[role.value]),
                role=Sentence(ROLES[visitor.role.value]),
            ),
            hint=Sentence(complaint.ASK_AN_OWNER, command="/member"),
        )


def shown(gate: Gate, maker: Maker) -> Callable[[Request], Awaitable[Response]]:
    """The page behind the gate; what goes wrong is said on a page too."""

    async def show(request: Request) -> Response:
        visitor = await gate.enter(request)
        try:
            return await maker(request, visitor)
        except DeadairError as error:
            status, heading = _kind(error)
            return page(
                request,
                visitor,
                "error.html",
                status=status,
                heading=voice_of(visitor.language).word(heading),
                what=error.what,
                hint=error.hint,
            )

    return show


NOT_THERE, NOT_ALLOWED, NOT_NOW, NOT_UNDERSTOOD, TOO_LONG = (
    "Not there",
    "Not allowed",
    "The archive cannot be read just now",
    "That cannot be read",
    "That takes too long",
)
HEADINGS = (NOT_THERE, NOT_ALLOWED, NOT_NOW, NOT_UNDERSTOOD, TOO_LONG)


def _kind(error: DeadairError) -> tuple[int, str]:
    match error:
        case Missing():
            return 404, NOT_THERE
        case Forbidden():
            return 403, NOT_ALLOWED
        case TooHeavy():
            return 503, TOO_LONG
        case StoreError():
            return 503, NOT_NOW
        case _:
            return 400, NOT_UNDERSTOOD
