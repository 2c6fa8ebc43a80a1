"""What an export holds, kept from being removed: from before it is made for as long as it may be cited."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import DBAPIError

from domain.post import PostKey
from storage.errors import StoreError
from storage.store import Store


@dataclass(slots=True)
class Hold:
    """`is_on_record`: False where the archive cannot be written, as from a user who may only read it, and
    where the export took longer than a day.
    """

    is_on_record: bool
    identity: str = ""  #: of the export, set once it is whole; else nothing is held when the block ends


@asynccontextmanager
async def holding(store: Store, keys: Iterable[PostKey], at: datetime) -> AsyncIterator[Hold]:
    """While the block runs these posts are held, and afterwards if the export has got its identity."""
    number: int | None = None
    try:
        async with store.begin() as tx:
            number = await tx.exported.begin(keys, at)
    except (StoreError, DBAPIError):
        number = None
    hold = Hold(is_on_record=number is not None)
    try:
        yield hold
    finally:
        if number is not None:
            async with store.begin() as tx:
                if hold.identity:
                    hold.is_on_record = await tx.exported.end(number, hold.identity)
                else:
                    await tx.exported.forget(number)
