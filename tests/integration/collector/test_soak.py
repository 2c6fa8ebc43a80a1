"""Short forms of what `make soak` does for long."""

from pathlib import Path

import pytest

from storage.store import Store
from tests.soak.kills import kill_again_and_again
from tests.support.telegram import Telegram


@pytest.fixture
def engine_name() -> str:
    return "sqlite"


async def test_kills_at_random_moments_under_load_lose_and_double_nothing(
    telegram: Telegram, store: Store, store_url: str, tmp_path: Path
) -> None:
    await kill_again_and_again(telegram, store, store_url, tmp_path, kills=8, seed=20310301)
