"""Who may ask what: a token in a header, once, with the scope that the resource needs."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, Final

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from archive.web.asked import door_of
from archive.web.door import rate_headers
from archive.web.guard import too_heavy
from archive.web.problem import Problem
from domain import complaint
from domain.credential import Scope, Token
from domain.errors import DeadairError
from domain.sentence import Sentence

#: What an answer for one token says to caches: keep it, for nobody else, and ask whether it still holds.
_CACHED: Final = "private, no-cache"


#: Seconds that the database is given to end by itself what takes too long, which frees it at once.
_GRACE: Final = 1.0


def needs(scope: Scope | None) -> Callable[[Request], Awaitable[Token]]:
    """A dependency: the token of the request, if it has that scope; None: any token will do.

    Raises Problem: 400, 401, 403 or 429.
    """

    async def holder(request: Request) -> Token:
        door = door_of(request)
        token = await door.bearer(request)
        request.state.grant = door.admit(f"token {token.id}", token.per_minute)
        if scope is not None and scope not in token.scopes:
            raise Problem(
                403,
                "scope-missing",
                f"this takes a token with the scope {scope.value}",
                hint=f"this one has: {', '.join(sorted(s.value for s in token.scopes)) or 'none'}",
                needs=scope.value,
            )
        return token

    return holder


class Route(APIRoute):
    """A resource: its answers have an ETag, say what is left of the rate, and come in time or not at all."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        handler = super().get_route_handler()

        async def answered(request: Request) -> Response:
            longest = door_of(request).config.query_longest
            try:
                async with asyncio.timeout(longest.total_seconds() + _GRACE):
                    response: Response = await handler(request)
            except TimeoutError:
                what = Sentence(complaint.TOO_HEAVY, span=longest)
                raise too_heavy(DeadairError(what, hint=Sentence(complaint.NARROW))) from None
            if (grant := getattr(request.state, "grant", None)) is not None:
                response.headers.update(rate_headers(grant))
            if response.status_code == 200 and response.media_type == "application/json":
                return _tagged(request, response)
            return response

        return answered


def _tagged(request: Request, response: Response) -> Response:
    tag = f'"{hashlib.blake2b(bytes(response.body), digest_size=12).hexdigest()}"'
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = _CACHED
    response.headers["Vary"] = "Authorization"
    known = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    if tag in known or known == ["*"]:
        kept = {k: v for k, v in response.headers.items() if k not in ("content-length", "content-type")}
        return Response(status_code=304, headers=kept)
    return response
