"""`python -m tests.soak [kills] [days] [deliveries] [crowd] [hosts] [week]`: the long forms, with progress.

A fault that was found once is found again by its seed, as far as the machine's own pace allows.
"""

import argparse
import asyncio
import random
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.clock import SetClock, WallClock
from sandbox.botapi.server import BotApiServer
from sandbox.mtproto.server import MtprotoServer
from sandbox.world import World
from storage.config import StorageConfig
from storage.store import open_store
from tests.soak.crowd import tell_a_crowd
from tests.soak.days import Days
from tests.soak.deliveries import kill_couriers
from tests.soak.hosts import CUT, KILL, LEASE, PARTS, PAUSE, RESTART, Hosts
from tests.soak.kills import kill_again_and_again
from tests.soak.week import Week
from tests.soak.week_events import A_WEEK
from tests.support.postgres import running_postgres
from tests.support.telegram import Telegram

_KINDS = ("kills", "days", "deliveries", "crowd", "hosts", "week")


def _say(line: str) -> None:
    print(line, flush=True)


async def _kills(folder: Path, seed: int, n: int) -> None:
    url = f"sqlite:///{folder / 'deadair.db'}"
    async with (
        MtprotoServer(World(WallClock())) as server,
        open_store(StorageConfig(url=url)) as store,
    ):
        telegram = Telegram(server, folder)
        await kill_again_and_again(telegram, store, url, folder, kills=n, seed=seed, say=_say)
        assert server.errors == []
    _say(f"kills: seed {seed}, {n} kills: nothing lost, nothing doubled, spans true")


async def _deliveries(folder: Path, seed: int, n: int) -> None:
    url = f"sqlite:///{folder / 'deadair.db'}"
    clock = SetClock(datetime(2031, 3, 14, 12, tzinfo=UTC))
    async with (
        BotApiServer(clock=clock, pace=clock) as server,
        open_store(StorageConfig(url=url)) as store,
    ):
        killed = await kill_couriers(server, store, url, kills=n, seed=seed, say=_say)
    where = ", ".join(f"{times} {step}" for step, times in sorted(killed.items()))
    _say(f"deliveries: seed {seed}, {n} kills ({where}): none lost, none more than twice, each numbered")


async def _crowd(folder: Path, n: int) -> None:
    url = f"sqlite:///{folder / 'deadair.db'}"
    clock = SetClock(datetime(2031, 3, 14, 12, tzinfo=UTC))
    async with (
        BotApiServer(clock=clock, pace=clock) as server,
        open_store(StorageConfig(url=url)) as store,
    ):
        told = await tell_a_crowd(server, store, clock, n, say=_say)
    _say(
        f"crowd: {told.reached} of {n} reached ({told.moved} at a new number, {told.flooded} after a 429), "
        f"{told.out_of_reach} out of reach; {told.took} on the clock, at most {told.busiest} in a second"
    )


async def _days(folder: Path, args: argparse.Namespace, days: float) -> None:
    await Days(
        folder,
        days=days,
        channels=args.channels,
        accounts=3,
        seed=args.seed,
        speed=args.speed,
        posts_a_day=30,
        faults_a_day=args.faults,
        stand_in_after=None if args.alone else timedelta(hours=2),
        say=_say,
    ).run()
    _say(f"days: seed {args.seed}, {days:g} days of {args.channels} channels: the archive is true")


async def _hosts(folder: Path, seed: int, hosts: int, rounds: int, lease: float) -> None:
    """Each part in a process of its own, on each host; in every round each thing happens once."""
    dice = random.Random(seed)
    events = [event for _ in range(rounds) for event in dice.sample((KILL, PAUSE, RESTART, CUT), 4)]
    with running_postgres(connections=20 * hosts * len(PARTS)) as server:
        groups = [(part,) for part in PARTS]
        run = Hosts(folder, server, hosts=hosts, groups=groups, seed=seed, lease=lease, say=_say)
        befell = await run.run(events)
    what = ", ".join(f"{times} {event}" for event, times in sorted(befell.items()))
    _say(
        f"hosts: seed {seed}, {hosts} hosts ({what}): nothing lost, nothing doubled, as one process makes it"
    )


async def _week(folder: Path, seed: int, days: float) -> None:
    """`days` of it, with so much more or less of everything."""
    week = Week(
        folder,
        live=timedelta(days=days),
        before=timedelta(weeks=5),
        n={what: max(1, round(n * days / 7)) for what, n in A_WEEK.items()},
        seed=seed,
        say=_say,
    )
    befell = await week.run()
    what = ", ".join(f"{times} {event}" for event, times in sorted(befell.items()))
    _say(f"week: seed {seed}, {days:g} days ({what}): archive and alerts as of a run that nothing befell")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("what", nargs="*", default=list(_KINDS), choices=_KINDS)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--subscribers", type=int, default=1000)
    parser.add_argument("--days", type=float, help="10, or the 7 of a week")
    parser.add_argument("--channels", type=int, default=300)
    parser.add_argument("--faults", type=float, default=12, help="a day, over all accounts")
    parser.add_argument("--speed", type=float, default=300, help="how fast the simulated days pass")
    parser.add_argument("--alone", action="store_true", help="no account stands in for another")
    parser.add_argument("--hosts", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3, help="of all that may befall hosts")
    parser.add_argument("--lease", type=float, default=LEASE, help="seconds; a pause or cut is twice as long")
    args = parser.parse_args()
    # What it leaves is removed only if all went well: whoever looks for a fault needs it.
    folder = Path(tempfile.mkdtemp(prefix="deadair-soak-"))
    _say(f"archive and log in {folder}")
    if "kills" in args.what:
        (folder / "kills").mkdir()
        asyncio.run(_kills(folder / "kills", args.seed, args.kills))
    if "deliveries" in args.what:
        (folder / "deliveries").mkdir()
        asyncio.run(_deliveries(folder / "deliveries", args.seed, args.kills))
    if "crowd" in args.what:
        (folder / "crowd").mkdir()
        asyncio.run(_crowd(folder / "crowd", args.subscribers))
    if "hosts" in args.what:
        (folder / "hosts").mkdir()
        asyncio.run(_hosts(folder / "hosts", args.seed, args.hosts, args.rounds, args.lease))
    if "week" in args.what:
        asyncio.run(_week(folder / "week", args.seed, args.days or 7))
    if "days" in args.what:
        asyncio.run(_days(folder / "days", args, args.days or 10))
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
