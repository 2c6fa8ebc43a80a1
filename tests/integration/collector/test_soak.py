"""Short forms of what `make soak` does for long."""

from datetime import timedelta
from pathlib import Path

import pytest

from storage.store import Store
from tests.soak.days import Days
from tests.soak.kills import kill_again_and_again
from tests.support.telegram import Telegram


@pytest.fixture
def engine_name() -> str:
    return "sqlite"


async def test_kills_at_random_moments_under_load_lose_and_double_nothing(
    telegram: Telegram, store: Store, store_url: str, tmp_path: Path
) -> None:
    await kill_again_and_again(telegram, store, store_url, tmp_path, kills=8, seed=20310301)


async def test_days_of_random_faults_end_complete_with_true_gaps(tmp_path: Path) -> None:
    """Some hours of them. A machine that has other things to do takes long to be back, on so fast a clock."""
    speed = 900
    run = Days(
        tmp_path / "days",
        days=0.25,
        channels=6,
        accounts=3,
        seed=20310301,
        speed=speed,
        posts_a_day=100,
        faults_a_day=100,
        haste=0.1,
        allowance=timedelta(seconds=speed),
    )
    await run.run()
