"""What this is, and what the token that asks may do."""

from datetime import datetime
from importlib.metadata import version
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from archive.api.access import Route, needs
from archive.api.common import Record
from archive.web.asked import door_of, store_of
from domain.credential import Scope, Token

router = APIRouter(route_class=Route, tags=["about"])


class About(Record):
    name: str
    version: str
    api: str
    description_at: str
    posts: int
    not_yet_searchable: int
    reader_version: int | None


class TokenRecord(Record):
    id: int
    name: str
    scopes: list[Scope]
    per_minute: int
    made_at: datetime
    expires_at: datetime | None


@router.get("/about", dependencies=[Depends(needs(None))])
async def about(request: Request) -> About:
    """How much the archive holds, and by which reader version its claims are read."""
    from archive.indexer import unsearchable

    async with store_of(request).read() as tx:
        return About(
            name="Deadair",
            version=version("deadair"),
            api="v1",
            description_at="/api/v1/openapi.json",
            posts=await tx.posts.count(),
            not_yet_searchable=await unsearchable(tx),
            reader_version=await tx.readings.live_version(),
        )


@router.get("/token")
async def token(request: Request, token: Annotated[Token, Depends(needs(None))]) -> TokenRecord:
    """The token that asks."""
    return TokenRecord(
        id=token.id,
        name=token.name,
        scopes=sorted(token.scopes),
        per_minute=token.per_minute or door_of(request).config.per_minute,
        made_at=token.made_at,
        expires_at=token.expires_at,
    )
