"""All pages, for the application to take in."""

import functools
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from archive.pages.render import asset, content
from archive.pages.routes import channel, claims, episodes, now, post, search, tune
from archive.pages.routes.shown import shown
from archive.pages.site import Site

_ASSETS = {"pages.css": "text/css; charset=utf-8", "pages.js": "text/javascript; charset=utf-8"}


def pages(site: Site) -> APIRouter:
    """Every page is behind the gate; the style and the script are not."""
    router = APIRouter(include_in_schema=False)

    def add(path: str, maker: Any, method: str = "GET") -> None:
        made = shown(site.gate, functools.partial(maker, site))
        router.add_api_route(path, made, methods=[method], response_model=None)

    add("/", now.now)
    add("/channels/{name}", channel.channel)
    add("/channels/{name}/{number}", post.post)
    add("/search", search.search)
    add("/claims", claims.claims)
    add("/claims/{number}", claims.incident)
    add("/episodes", episodes.episodes)
    add("/episodes/{number}", episodes.episode)
    add("/episodes/{number}/opinion", episodes.say, "POST")
    add("/tune", tune.channels)
    add("/tune/{name}", tune.tune)
    add("/tune/{name}", tune.save, "POST")
    router.add_api_route("/static/{version}/{name}", static, methods=["GET"], response_model=None)
    return router


async def static(version: str, name: str) -> Response:
    """A file of ours; its address changes with it, so that browsers may keep it for good."""
    if name not in _ASSETS or f"/static/{version}/{name}" != asset(name):
        return Response(status_code=404)
    data = content(name)
    kept = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(data, media_type=_ASSETS[name], headers=kept)
