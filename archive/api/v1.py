"""Version 1 of the API: all resources under /api/v1, and its description (OpenAPI 3.1)."""

from functools import cache
from importlib.metadata import version
from typing import Any, Final

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi
from starlette.responses import JSONResponse

from archive.api import about, channels, claims, counts, episodes, exports, posts, watch
from archive.api.common import ProblemDocument
from archive.api.exports import MEDIA_TYPES
from archive.export.pack import MEDIA_TYPE as PACKED
from archive.web.problem import MEDIA_TYPE
from domain.credential import Scope

_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
PREFIX: Final = "/api/v1"

#: Which scope the resources of each tag take; None: any token will do.
_SCOPES: Final[dict[str, Scope | None]] = {
    "about": None,
    "channels": Scope.POSTS,
    "posts": Scope.POSTS,
    "counts": Scope.POSTS,
    "claims": Scope.CLAIMS,
    "watch": Scope.WATCH,
    "episodes": Scope.EPISODES,
    "exports": Scope.EXPORT,
}

_PROBLEMS: Final = {
    "400": "The question cannot be answered as it stands: words that cannot be read, a filter that names "
    "what is not there, a cursor of another question, a token in the address or sent twice.",
    "401": "No token, or none that opens anything: unknown, expired or revoked.",
    "403": "The token lacks the scope.",
    "404": "There is no such thing.",
    "409": "The archive cannot say yet: it has not read its posts.",
    "413": "A body was sent that is too large; nothing here takes one.",
    "414": "The part after ? is longer than 8 KiB.",
    "422": "A parameter is not of its kind, or there is none of that name.",
    "429": "Too many requests, wrong tokens, or exports at once. `Retry-After` says when to come back.",
    "503": "The archive cannot be asked just now, or the question takes too long.",
}

_DESCRIPTION: Final = """\
Read-only. A token (`deadair token make NAME`) goes into the header `Authorization: Bearer ...`, once, and
never into the address.

Times are ISO 8601 in UTC. Whatever counts says beside it how much of the time was watched: `observed` is null
where not all of it was, for unknown is not zero. `next` of a page is the `cursor` of the next one, with all
other parameters as they were; it stays valid while posts arrive. Answers have an `ETag`. What went wrong is
said as application/problem+json; `type` ends in a word that stays what it is.
"""


def make_api() -> APIRouter:
    """All of it."""
    api = APIRouter(prefix=PREFIX)
    for each in (about, channels, posts, counts, claims, watch, episodes, exports):
        api.include_router(each.router)

    @cache
    def described() -> dict[str, Any]:
        return description(api)

    @api.get("/openapi.json", include_in_schema=False)
    async def openapi() -> JSONResponse:
        return JSONResponse(described(), headers={"Cache-Control": "public, max-age=300"})

    return api


def description(api: APIRouter) -> dict[str, Any]:
    """What FastAPI says of the resources, with what it does not know: tokens, problems, ETags and streams."""
    out = get_openapi(
        title="Deadair",
        version=f"1 ({version('deadair')})",
        description=_DESCRIPTION,
        routes=api.routes,
    )
    parts = out.setdefault("components", {})
    parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    parts["responses"] = {f"Problem{status}": _problem(what) for status, what in _PROBLEMS.items()}
    schemas = parts["schemas"]
    schemas["Problem"] = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= schemas["Problem"].pop("$defs", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for path, operations in out["paths"].items():
        for operation in operations.values():
            _complete(operation)
            if path == f"{PREFIX}/exports":
                operation["responses"]["200"]["content"] = {PACKED: _BINARY}
    return out


def _problem(what: str) -> dict[str, Any]:
    return {
        "description": what,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _complete(operation: dict[str, Any]) -> None:
    (tag,) = operation["tags"]
    scope = _SCOPES[tag]
    operation["security"] = [{"token": [] if scope is None else [scope.value]}]
    answers = operation["responses"]
    answers.update({status: {"$ref": f"#/components/responses/Problem{status}"} for status in _PROBLEMS})
    ok = answers["200"]
    rates = {
        name: {"description": what, "schema": {"type": "integer"}}
        for name, what in (
            ("RateLimit-Limit", "Requests a minute."),
            ("RateLimit-Remaining", "How many are left just now."),
            ("RateLimit-Reset", "Seconds until there is one more; 0: there is."),
        )
    }
    if tag == "exports":
        ok["description"] = "The table, streamed."
        ok["content"] = {kind.partition(";")[0]: _BINARY for kind in MEDIA_TYPES.values()}
        words = {
            "Deadair-As-Of": "Give it as `as_of` for other tables of the same instant, or the same again.",
            "Deadair-Reader-Version": "By which claims were read.",
            "Content-Disposition": "A name for the file.",
        }
        ok["headers"] = rates | {
            name: {"description": what, "schema": {"type": "string"}} for name, what in words.items()
        }
    else:
        tagged = {"ETag": {"description": "Of this very answer.", "schema": {"type": "string"}}}
        ok["headers"] = rates | tagged
        answers["304"] = {
            "description": "The answer that `If-None-Match` names still holds.",
            "headers": tagged,
        }
