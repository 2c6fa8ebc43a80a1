"""The application: the API, the way in, and the pages, behind one guard."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import quote

import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp

from archive import complaint
from archive.errors import FilterError, QueryError
from archive.web.asked import NotSignedIn
from archive.web.config import WebConfig
from archive.web.door import Door
from archive.web.guard import Guard, problem_of, too_heavy, unavailable, unforeseen
from archive.web.looks import problem_page, wants_page
from archive.web.problem import Problem
from archive.web.signing import router as signing
from domain.clock import Clock
from domain.errors import DeadairError
from domain.mask import Mask
from domain.sentence import Sentence
from storage.errors import StoreError, TooHeavy
from storage.store import Store

log = structlog.get_logger(__name__)


@asynccontextmanager
async def make_app(
    config: WebConfig, store: Store, clock: Clock, *, routers: Sequence[APIRouter] = ()
) -> AsyncIterator[ASGIApp]:
    """What uvicorn serves. `routers`: the API and the pages, as wiring puts them together."""
    door = Door(config, store, clock)
    app = FastAPI(title="Deadair", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.door = door
    app.include_router(signing)
    for router in routers:
        app.include_router(router)
    for error, answer in (
        (Problem, _problem),
        (NotSignedIn, _not_signed_in),
        (RequestValidationError, _invalid),
        (HTTPException, _plain),
        (QueryError, _query),
        (FilterError, _filter),
        (TooHeavy, _too_heavy),
        (StoreError, _store),
        (DeadairError, _ours),
        (Exception, _unforeseen),
    ):
        app.add_exception_handler(error, answer)
    try:
        yield Guard(app, hosts=config.hosts, secure=config.is_secure)
    finally:
        await door.close()


def is_api(request: Request) -> bool:
    return request.url.path == "/api" or request.url.path.startswith("/api/")


def _said(request: Request, problem: Problem) -> Response:
    """To programs as problem+json, to people as a page."""
    if is_api(request) or not wants_page(request):
        return problem.response()
    return problem_page(request, problem)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 - it is registered for these
    return _said(request, error)


async def _not_signed_in(request: Request, error: Exception) -> Response:
    assert isinstance(error, NotSignedIn)  # noqa: S101 - the same
    return RedirectResponse(f"/sign-in?next={quote(error.wanted, safe='/')}", 303)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - the same
    mistakes = [
        {"at": ".".join(str(part) for part in each["loc"]), "what": str(each["msg"])}
        for each in error.errors()[:20]
    ]
    detail = "; ".join(f"{m['at']}: {m['what']}" for m in mistakes)
    return _said(request, Problem(422, "not-readable", detail, mistakes=mistakes))


async def _plain(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - the same
    code, detail = {
        404: ("not-found", Sentence(complaint.NOTHING_AT, path=Mask().cover(request.url.path))),
        405: ("method-not-allowed", Sentence(complaint.NOT_DONE, method=request.method)),
    }.get(error.status_code, ("refused", str(error.detail)))
    return _said(request, Problem(error.status_code, code, detail, headers=error.headers))


async def _query(request: Request, error: Exception) -> Response:
    assert isinstance(error, QueryError)  # noqa: S101 - the same
    return _said(
        request, Problem(400, "query-not-readable", error.what, hint=error.hint, at=error.at, why=error.why)
    )


async def _filter(request: Request, error: Exception) -> Response:
    assert isinstance(error, FilterError)  # noqa: S101 - the same
    return _said(request, problem_of(error, 400, "filter-not-usable"))


async def _too_heavy(request: Request, error: Exception) -> Response:
    assert isinstance(error, TooHeavy)  # noqa: S101 - the same
    return _said(request, too_heavy(error))


async def _store(request: Request, error: Exception) -> Response:
    log.warning("web: the archive cannot be asked", reason=str(error))
    return _said(request, unavailable())


async def _unforeseen(request: Request, error: Exception) -> Response:
    """What went wrong stands in the log, not in the answer."""
    log.error("web: an unforeseen error", path=request.url.path, exc_info=error)
    return _said(request, unforeseen())


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, DeadairError)  # noqa: S101 - the same
    return _said(request, problem_of(error, 400, "not-possible"))
