"""How long the pages take: Now over a thousand channels with eight weeks behind them.

`python -m benchmarks.pages [--channels 1000]` fills an archive of its own (SQLite) and asks for the page over
real HTTP, as somebody signed in does. The first answer says that normal is still being worked out; it is
measured too, and so is how long that takes.
"""

import argparse
import asyncio
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import httpx

from alerts.config import AlertsConfig
from archive.pages.gate import DoorGate
from archive.pages.site import Site
from archive.web.config import WebConfig
from archive.web.serve import served
from deadair.wiring import web_app
from domain.channel import Channel
from domain.clock import SetClock
from domain.credential import TOKEN_PREFIX, Scope, Token, hash_secret, new_secret
from domain.post import How
from domain.reading import Reading
from domain.subscription import Role
from domain.watch import WatchSpan
from storage.config import StorageConfig
from storage.store import Store, open_store

NOW = datetime(2026, 3, 1, 12, 20, tzinfo=UTC)
DAYS = 57
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def fill(store: Store, n_channels: int) -> int:
    """Channels of 2 to 60 posts a day, watched but for a gap a week; returns how many posts they have."""
    rng = random.Random(7)
    posts = 0
    start = NOW - DAYS * DAY
    async with store.begin() as tx:
        await tx.readings.go_live(1, start)
    for number in range(1, n_channels + 1):
        rate = rng.choice((2, 5, 10, 20, 30, 60)) / 24
        readings, post = [], 0
        for hour in range(DAYS * 24):
            for _ in range(min(9, int(rng.expovariate(1 / rate)))):
                post += 1
                readings.append(
                    Reading(
                        channel_id=number,
                        post_id=post,
                        posted_at=start + hour * HOUR,
                        reader_version=1,
                        topics=("attacks",) if post % 3 == 0 else (),
                    )
                )
        posts += post
        async with store.begin() as tx:
            channel = Channel(
                id=number, title=f"Channel {number}", handle=f"ch_{number}", group=f"g{number % 9}"
            )
            await tx.channels.save(channel, start)
            await tx.tallies.add(readings)
            for week in range(9):
                a = start + week * 7 * DAY
                b = min(a + 7 * DAY - HOUR, NOW)
                if a < b:
                    await tx.watch.extend(
                        WatchSpan(channel_id=number, account="main", from_at=a, to_at=b, how=How.LIVE)
                    )
            await tx.watch.extend(
                WatchSpan(channel_id=number, account="main", from_at=NOW - DAY, to_at=NOW, how=How.LIVE)
            )
    return posts


async def run(n_channels: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_store(StorageConfig(url=f"sqlite:///{Path(folder) / 'now.db'}")) as store:
            posts = await fill(store, n_channels)
            print(f"{n_channels} channels, {posts:,} posts in {DAYS} days")
            secret = new_secret(TOKEN_PREFIX)
            async with store.begin() as tx:
                await tx.credentials.add_token(
                    Token(
                        secret_hash=hash_secret(secret), name="bench", scopes=frozenset(Scope), role=Role.OPS,
                        per_minute=None, made_at=NOW, expires_at=NOW + DAY,
                    )
                )  # fmt: skip
            config, clock = WebConfig(listen="127.0.0.1:0", per_minute=100_000), SetClock(NOW)
            site = Site(store=store, clock=clock, rules=AlertsConfig(), gate=DoorGate())
            async with web_app(config, store, clock, site=site) as app, served(config, app) as port:
                base = f"http://127.0.0.1:{port}"
                async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=120) as client:
                    await client.post("/sign-in", data={"token": secret})
                    began = time.perf_counter()
                    first = await client.get("/")
                    print(f"first answer {time.perf_counter() - began:.2f} s, {len(first.content):,} bytes")
                    while "still being worked out" in (await client.get("/")).text:
                        pass  # the page itself waits a little
                    print(f"normal of all channels after {time.perf_counter() - began:.1f} s, once a day")
                    took, worked = [], time.process_time()
                    for _ in range(15):
                        began = time.perf_counter()
                        answer = await client.get("/")
                        took.append(time.perf_counter() - began)
                        assert answer.status_code == 200
                    took.sort()
                    worked = (time.process_time() - worked) / 15
                    print(
                        f"Now: median {median(took):.2f} s, worst of 15 {took[-1]:.2f} s; "
                        f"{worked:.2f} s of processor time each"
                    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--channels", type=int, default=1000)
    asyncio.run(run(parser.parse_args().channels))


if __name__ == "__main__":
    main()
