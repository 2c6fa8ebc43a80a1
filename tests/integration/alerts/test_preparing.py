"""Learning for an engine that is yet to begin, beside one that is at work."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from alerts.engine import NothingToPrepare
from alerts.keeping import EVERY, OLDEST
from alerts.learning import Learnt, learnt
from storage.learned_tables import Learned
from storage.store import Store
from tests.integration.alerts.test_keeping import ANEW, DAY, MINUTE, NUMBERS, RULES, STOP, Life, knows, posts
from tests.integration.alerts.test_keeping import until_kept as filled
from tests.support.warm import deadair

#: Those of the next version: another budget stands for another program.
NEXT = RULES.model_copy(update={"silence": RULES.silence.model_copy(update={"budget": 0.5})})


@pytest.fixture
def filled_by() -> object:
    return filled


@pytest.fixture
def life(store: Store) -> Life:
    return Life(store)


async def generations(store: Store) -> list[int]:
    async with store.read() as tx:
        found = await tx.connection.execute(select(Learned.generation).distinct())
        return sorted(found.scalars())


async def test_the_next_version_goes_on_from_what_was_prepared_for_it(life: Life) -> None:
    told: list[Learnt] = []
    assert await life.engine(NEXT).prepare(told.append) == len(NUMBERS)
    assert told
    assert [each.part for each in told] == sorted(each.part for each in told)
    # The one at work goes on, and has its own.
    at_work, ready = await life.begins()
    assert ready["taken_up"] == 3
    for n in range(1, 4):
        await life.come(STOP + n * EVERY)
        await life.kept(at_work)
    while len(found := await generations(life.store)) > 2:
        await at_work.step()
    prepared, newest = found
    assert prepared < 0 < newest
    following, ready = await life.begins(NEXT)
    assert ready["taken_up"] == 3
    assert ready["posts"] == len(posts(STOP, life.until))
    anew, _ = await Life.begins(life, NEXT.model_copy(update={"poll": timedelta(seconds=7)}))
    for number in NUMBERS:
        assert knows(following, number) == pytest.approx(knows(anew, number), rel=1e-9)
    # Once it has put away its own, what was prepared is of no more use.
    await life.come(life.until + EVERY)
    await life.kept(following)
    while len(found := await generations(life.store)) > 1:
        await following.step()
    assert found[0] > newest


async def test_what_was_prepared_by_other_rules_is_left(life: Life) -> None:
    await life.engine(NEXT).prepare()
    _, ready = await life.begins(NEXT.model_copy(update={"poll": timedelta(seconds=7)}))
    assert "taken_up" not in ready
    assert ANEW in ready["said"]
    assert "alerts: what was prepared does not fit" in ready["said"]


async def test_only_what_was_prepared_last_stays(life: Life) -> None:
    engine = life.engine(NEXT)
    await engine.prepare()
    first = min(await generations(life.store))
    await life.engine(NEXT).prepare()
    await life.engine(RULES).prepare()
    last = min(await generations(life.store))
    assert [n for n in await generations(life.store) if n < 0] == [last]
    assert last == first - 2


async def test_what_was_prepared_too_long_ago_is_removed(life: Life) -> None:
    await life.engine(NEXT).prepare()
    at_work = life.engine()
    await life.come(STOP + OLDEST + MINUTE)
    while min(await generations(life.store)) < 0:
        await life.kept(at_work)
        await life.come(life.until + EVERY)
    assert await generations(life.store)


async def test_preparing_decides_nothing_and_says_nothing_of_the_one_at_work(life: Life) -> None:
    await life.come(STOP + 2 * DAY)  # long after the silence would have been told
    async with life.store.read() as tx:
        before = await tx.marks.all()
    await life.engine(NEXT).prepare()
    async with life.store.read() as tx:
        assert await tx.marks.all() == before
        assert await learnt(tx) is None
    assert await life.silences() == []


async def test_where_no_engine_was_there_is_nothing_to_prepare(life: Life) -> None:
    async with life.store.begin() as tx:
        await tx.marks.remove("alerts")
    with pytest.raises(NothingToPrepare, match="no engine has decided"):
        await life.engine(NEXT).prepare()
    assert min(await generations(life.store)) > 0


async def test_as_a_person_asks_for_it(life: Life, store_url: str, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(f'[storage]\nurl = "{store_url}"\n', encoding="utf-8")
    done = deadair("learn", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert done.stderr == (
        "learned what is usual of 3 channels, and put it away: the next start of this program with this "
        "config goes on from there, within 7 d\n"
    )
    assert min(await generations(life.store)) == -1
    async with life.store.begin() as tx:
        await tx.marks.remove("alerts")
    done = deadair("learn", cwd=tmp_path)
    assert done.returncode == 1
    assert "no engine has decided anything yet" in done.stderr
    assert "the next start learns by itself" in done.stderr
