"""The vital signs of all parts, read from the archive, whichever process and machine they run on."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from alerts.learning import Learnt, learnt
from archive.indexer import behind
from deadair.health.marks import BACKUP, CONFIG, FAILING, LATELY, LIFE, WHOLE
from domain.channel import Channel
from domain.episode import State
from storage.held import Held
from storage.marks import ACCOUNT, BACKUPS_ASKED, DECIDED, POLLED
from storage.reader_versions import place_mark
from storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How an account fares, by its own words."""

    state: str
    at: datetime  #: its last sign of life, which says nothing of what it has seen
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """A job of the clock that did not do its work when it last ran."""

    since: datetime
    why: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """What can be told from outside of whether the work is done. None: it has never been done."""

    at: datetime
    channels: tuple[Channel, ...] = ()
    posts: int | None = None  #: how many are held; None: not asked for
    last_seen_at: datetime | None = None  #: when the newest post came in
    watched_until: Mapping[int, datetime] = field(default_factory=dict)  #: by channel
    #: By account and channel: up to when it saw what came as it came.
    watched_by: Mapping[str, Mapping[int, datetime]] = field(default_factory=dict)
    blind: frozenset[int] = frozenset()  #: channels that nobody sees now
    accounts: Mapping[str, Account] = field(default_factory=dict)
    unread: int = 0  #: posts the reader has not come to
    unread_since: datetime | None = None
    unindexed: int = 0  #: posts and edits that search does not find yet
    unindexed_since: datetime | None = None
    decided_until: datetime | None = None
    learnt: Learnt | None = None  #: how far the engine is that learns just now
    open_episodes: Mapping[str, int] = field(default_factory=dict)  #: by kind
    undelivered: int = 0  #: deliveries that nothing holds back
    undelivered_since: datetime | None = None
    polled_at: datetime | None = None
    lived_at: datetime | None = None  #: the last sign of life of whoever works by the clock
    failing: Mapping[str, Failing] = field(default_factory=dict)  #: by job
    backed_up_at: datetime | None = None
    backup_bytes: int = 0
    backups_asked_at: datetime | None = None  #: since when they are asked for
    looked_whole_at: datetime | None = None  #: when the file was last read from end to end
    damage: str = ""  #: and what was wrong with it
    #: Which config each part runs, of those that said so lately.
    configs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    files: int = 0  #: bytes of the kept files of posts
    free: int | None = None  #: bytes on the disk of an SQLite archive
    size: int | None = None  #: bytes of that archive


async def read_vitals(store: Store, now: datetime, held: Held | None = None) -> Vitals:
    """Read them all in one picture; `held` counts the posts, where that is asked for.

    Raises StoreError when the archive cannot be read.
    """
    async with store.read() as tx:
        marks = {name: (value, at) for name, value, at in await tx.marks.all()}
        version = await tx.readings.live_version()
        place, _ = marks.get(place_mark(version), ({}, now)) if version is not None else ({}, now)
        read = place.get("seq", 0)
        first_unread = await tx.posts.after(read, 1)
        last = await tx.posts.last_seq()
        newest = await tx.posts.after(last - 1, 1)
        index = await behind(tx)
        undelivered, undelivered_since = await tx.outbox.backlog()
        kinds = [e.kind.value for e in await tx.episodes.unfinished() if e.state is not State.PENDING]
        decided, _ = marks.get(DECIDED, ({}, now))
        backup, _ = marks.get(BACKUP, ({}, now))
        whole, _ = marks.get(WHOLE, ({}, now))
        asked, _ = marks.get(BACKUPS_ASKED, ({}, now))
        return Vitals(
            at=now,
            channels=tuple(await tx.channels.all()),
            posts=None if held is None else await held.count(tx),
            last_seen_at=newest[0][1].seen_at if newest else None,
            watched_until=await tx.watch.until(),
            watched_by=await tx.watch.until_by_account(),
            blind=frozenset(gap.channel_id for gap in await tx.watch.open_gaps()),
            accounts={
                name.removeprefix(ACCOUNT): _account(value, at)
                for name, (value, at) in marks.items()
                if name.startswith(ACCOUNT)
            },
            unread=await tx.posts.count_after(read),
            unread_since=first_unread[0][1].seen_at if first_unread else None,
            unindexed=index.n,
            unindexed_since=index.since,
            decided_until=datetime.fromisoformat(decided["until"]) if "until" in decided else None,
            learnt=await learnt(tx),
            open_episodes={kind: kinds.count(kind) for kind in set(kinds)},
            undelivered=undelivered,
            undelivered_since=undelivered_since,
            polled_at=_at(marks, POLLED),
            lived_at=_at(marks, LIFE),
            failing={
                job: Failing(since=datetime.fromisoformat(f["since"]), why=f["why"], hint=f["hint"])
                for job, f in marks.get(FAILING, ({}, now))[0].items()
            },
            backed_up_at=datetime.fromisoformat(backup["at"]) if backup else None,
            backup_bytes=backup.get("bytes", 0),
            backups_asked_at=datetime.fromisoformat(asked["since"]) if asked else None,
            looked_whole_at=datetime.fromisoformat(whole["at"]) if whole else None,
            damage=whole.get("damage", ""),
            configs={
                name.removeprefix(CONFIG): value
                for name, (value, at) in marks.items()
                if name.startswith(CONFIG) and now - at < LATELY
            },
            files=await tx.files.kept_bytes(),
            free=_free(store),
            size=_size(store),
        )


def _account(value: Mapping[str, Any], at: datetime) -> Account:
    return Account(state=str(value.get("state", "")), at=at, detail=str(value.get("detail", "")))


def _at(marks: Mapping[str, tuple[object, datetime]], name: str) -> datetime | None:
    return marks[name][1] if name in marks else None


def _free(store: Store) -> int | None:
    return None if store.is_postgres else shutil.disk_usage(Path(str(store.url.database)).parent).free


def _size(store: Store) -> int | None:
    if store.is_postgres:
        return None
    path = Path(str(store.url.database))
    parts = (path, path.with_name(path.name + "-wal"))
    return sum(part.stat().st_size for part in parts if part.exists())
