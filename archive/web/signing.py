"""Signing in and out: by a one-time link, or by a token."""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from archive.web.asked import SignedIn, door_of, form_of, inside
from archive.web.looks import link_page, sign_in_page, wants_page
from archive.web.problem import Problem

router = APIRouter(include_in_schema=False)

_SEE_OTHER = 303


@router.get("/sign-in")
async def ask(request: Request) -> HTMLResponse:
    return sign_in_page(request, inside(request.query_params.get("next")))


@router.get("/sign-in/{code}")
async def by_link(request: Request, code: str) -> HTMLResponse:
    """Nothing is used up by looking."""
    try:
        await door_of(request).look_at_link(request, code)
    except Problem as problem:
        return _told(request, problem, "/")
    return link_page(request, code)


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    door = door_of(request)
    form = await form_of(request, None)
    code, token, wanted = form.get("code"), form.get("token"), inside(form.get("next"))
    try:
        if isinstance(code, str) and code:
            secret = await door.sign_in_by_link(request, code)
        else:
            secret = await door.sign_in_by_token(request, token if isinstance(token, str) else "")
    except Problem as problem:
        return _told(request, problem, wanted)
    response = RedirectResponse(wanted, _SEE_OTHER)
    response.set_cookie(
        door.cookie,
        secret,
        max_age=int(door.config.session.total_seconds()),
        path="/",
        secure=door.config.is_secure,
        httponly=True,
        samesite="lax",
    )
    return response


@router.post("/sign-out")
async def sign_out(request: Request, visitor: SignedIn) -> Response:
    door = door_of(request)
    await form_of(request, visitor)
    await door.sign_out(request)
    response = RedirectResponse("/sign-in", _SEE_OTHER)
    response.delete_cookie(door.cookie, path="/", secure=door.config.is_secure, httponly=True, samesite="lax")
    return response


def _told(request: Request, problem: Problem, wanted: str) -> HTMLResponse:
    """Why somebody was not let in, above the way in. Raises it for programs, which read no page."""
    if not wants_page(request):
        raise problem
    return sign_in_page(request, wanted, problem)
