"""Loops that run side by side end together, and when they are told to."""

import asyncio

import pytest

from collector.tasks import together
from domain.errors import DeadairError


class Trouble(Exception):
    pass


async def waits_and_then_fails() -> None:
    """As a connection does that is hung up while it ends."""
    try:
        await asyncio.Event().wait()
    finally:
        raise Trouble("the connection was closed")


async def test_being_told_to_end_is_heeded_though_a_part_fails_at_it() -> None:
    rounds = 0

    async def connects_again_and_again() -> None:
        nonlocal rounds
        while rounds < 3:
            rounds += 1
            try:
                await together(waits_and_then_fails(), asyncio.Event().wait())
            except Trouble:
                await asyncio.sleep(0)

    task = asyncio.create_task(connects_again_and_again())
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    assert rounds == 1


async def test_the_first_that_ends_badly_ends_the_others_and_is_what_is_raised() -> None:
    other = asyncio.Event()

    async def fails() -> None:
        raise DeadairError("no account", hint="log in")

    async def is_ended() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            other.set()

    with pytest.raises(DeadairError, match="no account"):
        await together(is_ended(), waits_and_then_fails(), fails())
    assert other.is_set()
