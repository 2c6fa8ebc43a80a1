"""What it costs to ask a hundred channels for their newest post, by each call that tells it.

    python -m benchmarks.looking [--channels 100] [--rounds 20]

The stock client against the sandbox: calls, bytes of answers before they are packed, and processor time of
both sides together. What a call costs in Telegram's patience cannot be measured here; fewer are milder.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from telethon import TelegramClient
from telethon.tl import functions as F  # noqa: N812 - as everywhere in Telethon's world
from telethon.tl import types as T  # noqa: N812

from domain.clock import WallClock
from sandbox.channel import Channel
from sandbox.mtproto.serial import encode
from sandbox.mtproto.server import MtprotoServer
from sandbox.world import World
from tests.support.telegram import Telegram

Way = Callable[[], Awaitable[dict[int, int]]]


def ways(client: TelegramClient, telegram: Telegram, channels: list[Channel]) -> dict[str, Way]:
    """Each gives the newest number of every channel."""
    access = {c.id: telegram.world.access_hash(c, telegram.account.id) for c in channels}

    async def peer_dialogs() -> dict[int, int]:
        peers = [T.InputDialogPeer(T.InputPeerChannel(c.id, access[c.id])) for c in channels]
        answer = await client(F.messages.GetPeerDialogsRequest(peers=peers))
        return {d.peer.channel_id: d.top_message for d in answer.dialogs}

    async def dialogs() -> dict[int, int]:
        found = await client.get_dialogs(limit=None)
        return {d.entity.id: d.message.id for d in found}

    async def empty_pages() -> dict[int, int]:
        for c in channels:
            request = F.messages.GetHistoryRequest(
                peer=T.InputPeerChannel(c.id, access[c.id]),
                offset_id=0,
                offset_date=None,
                add_offset=0,
                limit=100,
                max_id=0,
                min_id=c.top_id,
                hash=0,
            )
            assert not (await client(request)).messages
        return {c.id: c.top_id for c in channels}

    async def newest_posts() -> dict[int, int]:
        out = {}
        for c in channels:
            (newest,) = await client.get_messages(T.InputPeerChannel(c.id, access[c.id]), limit=1)
            out[c.id] = newest.id
        return out

    async def differences() -> dict[int, int]:
        for c in channels:
            request = F.updates.GetChannelDifferenceRequest(
                channel=T.InputChannel(c.id, access[c.id]),
                filter=T.ChannelMessagesFilterEmpty(),
                pts=c.pts,
                limit=100,
            )
            assert isinstance(await client(request), T.updates.ChannelDifferenceEmpty)
        return {c.id: c.top_id for c in channels}

    async def full_channels() -> dict[int, int]:
        for c in channels:
            await client(F.channels.GetFullChannelRequest(T.InputChannel(c.id, access[c.id])))
        return {c.id: c.top_id for c in channels}

    return {
        "messages.getPeerDialogs, all at once": peer_dialogs,
        "messages.getDialogs, all the account's": dialogs,
        "updates.getChannelDifference of each": differences,
        "messages.getHistory after the newest we have": empty_pages,
        "messages.getHistory, the newest one": newest_posts,
        "channels.getFullChannel of each (tells pts only)": full_channels,
    }


async def compare(n: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="deadair-looking-") as folder:
        async with MtprotoServer(World(WallClock())) as server:
            telegram = Telegram(server, Path(folder))
            text = "مسيرات فوق القاعدة " * 20
            channels = [telegram.channel(f"Channel {i}", f"channel_{i:04}") for i in range(n)]
            for channel in channels:
                for _ in range(3):
                    telegram.world.post(channel, text)
            sizes: list[int] = []
            answer = server.call

            async def weighed(session: Any, request: Any) -> Any:
                found = await answer(session, request)
                sizes.append(len(encode(found)))
                return found

            server.call = weighed  # type: ignore[method-assign]
            async with telegram.client(receive_updates=False) as client:
                print(f"{n} channels, each way {rounds} times\n")
                print("| | calls | kB | ms of processor |\n| --- | ---: | ---: | ---: |")
                for what, way in ways(client, telegram, channels).items():
                    await way()
                    sizes.clear()
                    began = time.process_time()
                    for _ in range(rounds):
                        assert await way() == {c.id: c.top_id for c in channels}
                    spent = (time.process_time() - began) / rounds
                    print(
                        f"| {what} | {len(sizes) / rounds:.0f} | {sum(sizes) / rounds / 1e3:.0f}"
                        f" | {spent * 1e3:.0f} |"
                    )
            assert server.errors == []


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.looking", description=__doc__)
    parser.add_argument("--channels", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=20)
    args = parser.parse_args()
    asyncio.run(compare(min(args.channels, 100), args.rounds))


if __name__ == "__main__":
    main()
