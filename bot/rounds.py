"""Looks again and again at what nobody gives notice of; while the archive is away it goes on trying."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import NoReturn

from bot.health import Health
from domain.clock import Clock
from storage.errors import StoreError


async def rounds(
    look: Callable[[], Awaitable[object]], archive: Health, clock: Clock, every: timedelta
) -> NoReturn:
    """Look for ever, `every` so often on that clock."""
    while True:
        try:
            await look()
            archive.well()
        except StoreError as error:
            archive.broke(error.what)
        await clock.sleep(every)
