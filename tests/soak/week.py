"""A week on a fast clock, told by a Deadair that nothing befalls and by one that is killed, restarted, given
other configs and whose clock goes wrong, at random: archive and alerts must be the same.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

from domain.episode import Move
from domain.finding import Kind
from tests.soak.week_events import events
from tests.soak.week_run import TELLING, Run, Told
from tests.soak.week_story import scenario
from tests.support.collecting import differences
from tests.support.reading import understood

#: So much may memory and open files differ.
_FLAT = 1.15
_SECOND = timedelta(seconds=1)


class Week:
    """The same scenario twice, side by side."""

    def __init__(
        self,
        folder: Path,
        *,
        live: timedelta,
        before: timedelta,
        n: Mapping[str, int],
        seed: int,
        say: Callable[[str], None] = print,
    ) -> None:
        """`before`: how much past there is; `n`: how often each thing befalls the one."""
        dice = random.Random(seed)
        played = scenario(live, before)
        self.what, self.say = f"seed {seed}, in {folder}", say
        self.claims = sum(happens.what == "post" for happens in played.happens)
        self.calm = Run("calm", folder / "calm", played, [], say, dice)
        self.wild = Run("wild", folder / "wild", played, events(dice, live, n), say, dice)

    async def run(self) -> Counter[str]:
        """Let it happen, and compare. Raises AssertionError."""
        runs = (self.calm, self.wild)
        async with AsyncExitStack() as stack:
            for run in runs:
                await run.start(stack)
            await asyncio.gather(*(run.play() for run in runs))
            for run in runs:
                await self._check(run)
            await self._compare()
        return self.wild.befell

    async def _check(self, run: Run) -> None:
        what = f"{self.what}: {run.name}"
        assert run.sandbox.errors == [], what
        for channel in run.channels:
            found = await differences(run.sandbox, run.store, channel)  # type: ignore[arg-type]
            assert not found, f"{what}: {channel.title}: {found[:5]}"
        doubled = run.sandbox.bot_api.duplicates(run.person.id)
        assert not doubled, f"{what}: told twice: {[m[0].versions[0].text for m in doubled][:3]}"
        self._check_flat(run)

    def _check_flat(self, run: Run) -> None:
        """Neither memory nor open files grow from the second third to the last. A day says nothing of memory:
        each process takes it bit by bit while it starts.
        """
        third = len(run.samples) // 3
        second, last = run.samples[third : 2 * third], run.samples[2 * third :]
        for name, grown, before in (
            ("MB", median(s.memory for s in last), median(s.memory for s in second)),
            ("open files", median(s.files for s in last), median(s.files for s in second)),
        ):
            self.say(f"week: {run.name}: {before:.0f} {name} in the second third, {grown:.0f} in the last")
            tells = name != "MB" or run.played.live >= TELLING
            assert not tells or grown <= before * _FLAT, (
                f"{self.what}: {run.name}: {name} grow: {before:.0f}, {grown:.0f}"
            )

    async def _compare(self) -> None:
        kinds = ("claims", "readings", "incidents", "tallies")
        pairs = zip(kinds, await understood(self.calm.store), await understood(self.wild.store), strict=True)
        for kind, ours, theirs in pairs:
            differ = set(map(repr, ours)) ^ set(map(repr, theirs))
            assert not differ, f"{self.what}: {kind} differ: {sorted(differ)[:4]}"
            assert len(ours) == len(theirs), f"{self.what}: {kind} are doubled"
        calm, wild = self.calm.heard(), self.wild.heard()
        assert calm == wild, f"{self.what}: not the same is told: {calm - wild}, {wild - calm}"
        await self._compare_told()

    async def _compare_told(self) -> None:
        """What, of whom and in which order; and when, as far as what befell it explains."""
        calm, wild = _by_what(await self.calm.told()), _by_what(await self.wild.told())
        acts = {of for kind, of, _ in calm if kind is Kind.CLAIM}
        assert len(acts) == self.claims, f"{self.what}: of {self.claims} claims {len(acts)} are told"
        differ = [w for w in calm.keys() | wild.keys() if len(calm.get(w, ())) != len(wild.get(w, ()))]
        assert not differ, f"{self.what}: told otherwise: {sorted(map(str, differ))[:6]}"
        exact, most = 0, timedelta()
        for what, instants in calm.items():
            for one, other in zip(instants, wild[what], strict=True):
                off, may = abs(one - other), self.wild.may_differ(max(one, other))
                assert off <= may, (
                    f"{self.what}: {what} at {other}, not {one}: no more than {may} is explained"
                )
                if what[0] is not Kind.CLAIM:
                    exact, most = exact + (off < _SECOND), max(most, off)
        n = sum(len(instants) for instants in calm.values())
        self.say(
            f"week: {n} alerts, {len(acts)} acts; of the others {exact} at the same second, most {most} off"
        )


def _by_what(told: Iterable[Told]) -> dict[tuple[Kind, str, Move], list[datetime]]:
    found: dict[tuple[Kind, str, Move], list[datetime]] = {}
    for each in told:
        found.setdefault((each.kind, each.of, each.move), []).append(each.at)
    return found
