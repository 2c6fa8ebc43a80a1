"""docs/operating.md says of all work that comes back when it does, and what becomes of what was missed."""

import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from collector.disk import Disk
from deadair.config import Config
from deadair.jobs import Backups, Keeping, scheduler
from domain.clock import WallClock
from storage.backup.config import BackupConfig
from storage.config import StorageConfig
from storage.store import open_store

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "operating.md").read_text()
TABLE = PAGE.split("## What comes back by itself\n")[1].split("\n## ")[0]
ROWS = [line.strip("| ").split(" | ") for line in TABLE.splitlines() if line.startswith("| `")]


async def jobs(folder: Path) -> set[str]:
    """Everything that the clock starts."""
    backups = Backups(BackupConfig(every_hours=24), folder)
    config = Config()
    async with (
        open_store(StorageConfig(url=f"sqlite:///{folder / 'a.db'}")) as store,
        scheduler(config.jobs, backups, store, WallClock(), Keeping(config, Disk(folder))) as works,
    ):
        return {job.id for job in works.get_jobs()}


async def test_each_job_that_the_clock_starts_is_in_the_table_and_no_other(tmp_path: Path) -> None:
    named = {re.findall(r"`(\w+)`", what)[0] for what, *_ in ROWS if "(job" in what}
    assert named == await jobs(tmp_path)


def test_each_loop_that_the_table_names_is_there() -> None:
    named = [file for what, *_ in ROWS for file in re.findall(r"`([\w/]+\.py)`", what)]
    assert len(named) > 15
    assert [file for file in named if not (ROOT / file).is_file()] == []


def test_each_row_says_when_and_what_becomes_of_it_when_missed_and_when_it_takes_long() -> None:
    assert [row for row in ROWS if len(row) != 4 or not all(cell.strip() for cell in row)] == []


def test_each_setting_of_how_often_is_in_the_table() -> None:
    said = " ".join(when for _, when, *_ in ROWS)
    missing = [key for key in _how_often(Config) if not re.search(rf"\b{key}\b", said)]
    assert missing == []


def _how_often(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _how_often(field.annotation)
        elif name == "every" or name.endswith(("_every", "every_hours", "_minutes")):
            yield name
