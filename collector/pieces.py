"""The pieces of a file, from whichever data centre it lies in."""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from collector.client import Line
from collector.disk import PIECE
from collector.errors import CentreAway, LoggedOut, Unanswered, Unreachable

#: What, of another data centre, says nothing of the account and its line.
_AWAY = (LoggedOut, Unanswered, Unreachable)


async def pieces(line: Line, location: Any, offset: int, dc: int) -> AsyncIterator[bytes]:
    """A file from there on, each piece a call in its turn. Raises Trouble; CentreAway where `dc` is not the
    account's own and cannot be reached.
    """
    elsewhere = dc != line.client.session.dc_id
    download = line.client.iter_download(location, offset=offset, request_size=PIECE, dc_id=dc)

    async def piece() -> bytes:
        try:
            return bytes(await anext(download))
        except StopAsyncIteration:
            return b""

    async def over() -> None:
        with suppress(AttributeError):  # Telethon's, of a download that never began
            await download.close()

    try:
        while data := await line.paced(piece, "upload.getFile", background=True):
            yield data
    except _AWAY as error:
        if not elsewhere:
            raise
        await over()
        await line.client.leave_centre(dc)
        raise CentreAway(dc, str(error)) from error
    finally:
        await over()
