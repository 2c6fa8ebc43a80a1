"""What the archive says of a Deadair that is at work with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from deadair.config import Setup
from deadair.health.marks import BACKUP, CONFIG, LATELY
from domain.check import Check
from domain.errors import DeadairError
from storage.backup.examine import OnRecord
from storage.marks import ACCOUNT, BACKUPS_ASKED
from storage.patience import BRIEF


@dataclass(frozen=True, slots=True, kw_only=True)
class AtWork:
    """As a person at the same archive finds it."""

    is_known: bool = False  #: whether the archive could be asked; else all of it is empty
    accounts: Mapping[str, tuple[str, datetime]] = field(default_factory=dict)  #: state, sign of life
    leased: tuple[str, ...] = ()  #: what is done under a lease just now
    configs: Mapping[str, str] = field(default_factory=dict)  #: which version each part runs that runs
    backups: OnRecord = field(default_factory=OnRecord)


async def read_at_work(setup: Setup, now: datetime) -> AtWork:
    from storage.store import open_store

    try:
        async with open_store(setup.storage, create=False, longest=BRIEF) as store, store.read() as tx:
            marks = {name: (value, at) for name, value, at in await tx.marks.all()}
            there = await tx.leases.now()
            leased = tuple(lease.name for lease in await tx.leases.all() if lease.is_held(there))
    except DeadairError:
        return AtWork()
    backup, _ = marks.get(BACKUP, ({}, now))
    asked, _ = marks.get(BACKUPS_ASKED, ({}, now))
    return AtWork(
        is_known=True,
        accounts={
            name.removeprefix(ACCOUNT): (str(value.get("state")), at)
            for name, (value, at) in marks.items()
            if name.startswith(ACCOUNT)
        },
        leased=leased,
        configs={
            name.removeprefix(CONFIG): str(value.get("version"))
            for name, (value, at) in marks.items()
            if name.startswith(CONFIG) and now - at < LATELY
        },
        backups=OnRecord(
            made_at=datetime.fromisoformat(backup["at"]) if backup else None,
            file=str(backup.get("file", "")),
            asked_at=datetime.fromisoformat(asked["since"]) if asked else None,
        ),
    )


def examine_running(found: AtWork, version: str) -> Check:
    """Which parts are at work, and do they run the config as it stands, which has this version?"""
    of = "running"
    if not found.leased:
        # What gave its last sign of life a moment ago may have ended since; whoever works has a lease.
        return Check.well(of, "nobody works with the archive now; `deadair run` does")
    said = f"at work: {', '.join(found.leased)}"
    others = sorted({each for each in found.configs.values() if each != version})
    if others:
        return Check.note(
            of,
            f"{said}; with the config {', '.join(others)}, and the file here is {version}",
            "`deadair reload`, and `deadair health` says what became of it; or is it another file?",
        )
    return Check.well(of, f"{said}; with the config as it stands here, {version}")


def archive_path(setup: Setup) -> Path | None:
    """The file of an archive in SQLite; None: it is in a database elsewhere, or named by no url."""
    from storage.engines import parse_url

    try:
        url = parse_url(setup.storage.url)
    except DeadairError:
        return None
    return Path(str(url.database)) if url.drivername.startswith("sqlite") else None
