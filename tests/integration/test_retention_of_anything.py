"""Whatever is posted, cited and ruled: nothing cited is removed, all is proven, and counts are as before."""

import asyncio
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deadair.config import parse
from domain.opinion import Opinion, Says
from domain.post import PostKey
from domain.series import SeriesKey
from storage.config import StorageConfig
from storage.proof import prove
from storage.store import Store, open_store
from tests.support.reading import DRONES, FOOTBALL, HARIR
from tests.support.retaining import NOW, an_episode, edited, gone, removed, said, stored, understood
from tests.support.searching import DAY, FALCON, HERON, NOON
from tests.support.stores import fresh

_CHANNELS = {FALCON: "falcon_news", HERON: "heron"}
_TEXTS = ("", "words of no interest", FOOTBALL, DRONES, HARIR)


@dataclass(frozen=True)
class Cites:
    """An episode of days [since, since + long), told or judged; or an export of posts."""

    channel: int
    since: int
    long: int
    how: str


@dataclass(frozen=True)
class Case:
    posts: dict[tuple[int, int], tuple[str, str | None]]  #: by channel and day: text, and what it became
    cites: list[Cites]
    rules: dict[int, int | None]  #: days; None: as the general rule says
    general: int
    runs: list[int]  #: days after which it is done


_DAYS = st.integers(0, 80)
_CASES = st.builds(
    Case,
    posts=st.dictionaries(
        st.tuples(st.sampled_from([*_CHANNELS]), st.integers(1, 80)),
        st.tuples(st.sampled_from(_TEXTS), st.none() | st.sampled_from(_TEXTS)),
        min_size=1,
        max_size=14,
    ),
    cites=st.lists(
        st.builds(
            Cites,
            channel=st.sampled_from([*_CHANNELS]),
            since=_DAYS,
            long=st.integers(0, 9),
            how=st.sampled_from(["told", "judged", "passed", "export"]),
        ),
        max_size=4,
    ),
    rules=st.fixed_dictionaries({n: st.none() | st.sampled_from([0, 63, 70, 95]) for n in _CHANNELS}),
    general=st.sampled_from([0, 63, 80]),
    runs=st.lists(st.integers(90, 190), min_size=1, max_size=2).map(sorted),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=_CASES)
def test_nothing_cited_goes_all_is_proven_and_counts_stay(case: Case) -> None:
    asyncio.run(_holds(case))


async def _holds(case: Case) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_store(StorageConfig(url=await fresh(Path(folder) / "a.db"))) as store:
            await _checked(store, case)


async def _checked(store: Store, case: Case) -> None:
    first = {key: said(key[1], words, key[0]) for key, (words, _) in case.posts.items()}
    later = [edited(first[key], words) for key, (_, words) in case.posts.items() if words is not None]
    await stored(store, *first.values())
    async with store.begin() as tx:
        await tx.posts.put(later)
    await understood(store)
    async with store.begin() as tx:
        for each in case.cites:
            since, until = NOON + each.since * DAY, NOON + (each.since + each.long) * DAY
            if each.how == "export":
                found = [
                    PostKey(*key)
                    for key in first
                    if key[0] == each.channel and since <= first[key].posted_at < until
                ]
                await tx.exported.end(await tx.exported.begin(found, NOW), f"{each}"[:64])
                continue
            told = await tx.episodes.save(
                an_episode(each.channel, since=since, closed=until, told=each.how == "told")
            )
            if each.how == "judged":
                await tx.opinions.add(Opinion(episode_id=told.id, at=NOW, says=Says.CONFIRMED))
    rules = "".join(
        f"[[channels]]\nhandle = '{_CHANNELS[n]}'\nkeep_posts = '{days}d'\n"
        for n, days in case.rules.items()
        if days is not None
    )
    config = parse(f"[retention]\nposts = '{case.general}d'\n{rules}")
    before = await _counts(store)
    for day in case.runs:
        await removed(store, config, at=NOON + day * DAY)
    cited = _cited(case)
    claiming = {key for key, texts in case.posts.items() if DRONES in texts or HARIR in texts}
    expected = set()
    for key in first:
        own = case.rules[key[0]]
        keeps = case.general if own is None else own
        at = first[key].seen_at
        if keeps and at < NOON + (case.runs[-1] - keeps) * DAY and key not in cited | claiming:
            expected.add(PostKey(*key))
    assert await gone(store, *_CHANNELS) == expected
    for channel in _CHANNELS:
        proof = await prove(store, channel)
        assert (proof.broken, proof.kinds.get("removal", 0)) == (
            None,
            sum(key.channel_id == channel for key in expected),
        )
    assert await _counts(store) == before
    await understood(store, version=2)
    assert await _counts(store, 2) == before


def _cited(case: Case) -> set[tuple[int, int]]:
    out = set()
    for channel, day in case.posts:
        for each in case.cites:
            if each.channel != channel:
                continue
            if each.how in ("told", "judged") and each.since - 2 <= day <= each.since + each.long:
                out.add((channel, day))
            if each.how == "export" and each.since <= day < each.since + each.long:
                out.add((channel, day))
    return out


async def _counts(store: Store, version: int = 1) -> object:
    async with store.read() as tx:
        keys = [
            SeriesKey(channel, topic, claimant)
            for channel in _CHANNELS
            for topic, claimant in ((None, None), ("sport", None), ("sports", None), (None, "kh"))
        ]
        until = NOW + timedelta(days=100)
        series = [await tx.tallies.hours(key, version, NOON - DAY, until) for key in keys]
        census = [await tx.posts.census(channel, 1, 100) for channel in _CHANNELS]
        return series, census
