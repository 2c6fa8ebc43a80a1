"""Signing in and out: by a one-time link, or by a token."""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from archive.web.asked import SignedIn, door_of, form_of, inside
from archive.web.looks import link_page, sign_in_page

router = APIRouter(include_in_schema=False)

_SEE_OTHER = 303


@router.get("/sign-in")
async def ask(request: Request) -> HTMLResponse:
    return HTMLResponse(sign_in_page(inside(request.query_params.get("next"))))


@router.get("/sign-in/{code}")
async def by_link(code: str) -> HTMLResponse:
    """Nothing is used up by looking."""
    return HTMLResponse(link_page(code))


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    door = door_of(request)
    form = await form_of(request, None)
    code, token = form.get("code"), form.get("token")
    if isinstance(code, str) and code:
        secret = await door.sign_in_by_link(request, code)
    else:
        secret = await door.sign_in_by_token(request, token if isinstance(token, str) else "")
    response = RedirectResponse(inside(form.get("next")), _SEE_OTHER)
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
