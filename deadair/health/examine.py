"""How everything fares: read from the archive and judged, in the same way for whoever asks or is told."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from deadair.config import Setup
from deadair.health.config import HealthConfig
from deadair.health.judge import judge
from deadair.health.vitals import Vitals, read_vitals
from deadair.retention.config import RetentionConfig
from deadair.retention.room import look_at_room
from domain.check import Check
from domain.place import place
from storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """By what is judged whether all is well."""

    limits: HealthConfig
    parts: Collection[str]  #: those that are meant to run, wherever they do
    backup_every: timedelta | None = None  #: None: none are asked for
    lives_every: timedelta = timedelta(minutes=1)  #: how often the part `jobs` gives a sign of life
    retention: RetentionConfig | None = None  #: None: nobody asks how much room there is
    backups: Path = Path()  #: the folder that they are written into


def measure_of(setup: Setup, parts: Collection[str]) -> Measure:
    config = setup.config
    hours = config.backup.every_hours
    return Measure(
        limits=config.health,
        parts=parts,
        backup_every=timedelta(hours=hours) if hours else None,
        lives_every=timedelta(minutes=config.jobs.sign_of_life_minutes),
        retention=config.retention,
        backups=place(setup.folder, config.backup.folder),
    )


async def examine(store: Store, now: datetime, measure: Measure) -> tuple[Vitals, Sequence[Check]]:
    """How things are. Raises StoreError when the archive cannot be read."""
    vitals = await read_vitals(store, now)
    return vitals, await judged(vitals, measure)


async def judged(vitals: Vitals, measure: Measure) -> Sequence[Check]:
    """What these vital signs say."""
    checks = judge(
        vitals,
        measure.limits,
        measure.parts,
        backup_every=measure.backup_every,
        lives_every=measure.lives_every,
    )
    if measure.retention is None:
        return checks
    return [*checks, await look_at_room(vitals, measure.retention, measure.backups)]
