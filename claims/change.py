"""From one reader version to the next: what it changes, told before it counts, and the end of the former.

A change of reader must never look like a surge or a silence: so the whole archive is read under the new
version first, and what counts changes at once.
"""

import asyncio
from dataclasses import dataclass

import structlog

from domain.claim import ClaimKind
from domain.clock import Clock
from storage.reader_versions import Left, place_mark
from storage.store import Store

log = structlog.get_logger(__name__)

#: So many readings are looked through in one transaction when a version is dropped.
_PART = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """How many claims of one kind and claimant two versions found in the same posts."""

    kind: ClaimKind
    claimant: str | None
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a reader version finds otherwise than the one that is live."""

    before: int  #: the live version
    after: int
    posts: int  #: that both have read
    shifts: tuple[Shift, ...]  #: every kind and claimant that either found, the greatest change first

    @property
    def changed(self) -> tuple[Shift, ...]:
        return tuple(shift for shift in self.shifts if shift.before != shift.after)


def difference_mark(before: int, after: int) -> str:
    """The mark that keeps a difference for later."""
    return f"reader.difference.{before}.{after}"


async def difference(store: Store, before: int, after: int) -> Difference:
    """Count what both versions found in the posts that both have read, as these were first seen."""
    async with store.read() as tx:
        places = [(await tx.marks.get(place_mark(v))).get("seq", 0) for v in (before, after)]
        until = min(places)
        old, new = await tx.claims.counts(before, until), await tx.claims.counts(after, until)
        posts = await tx.posts.count() - await tx.posts.count_after(until)
    shifts = [
        Shift(
            kind=kind,
            claimant=claimant,
            before=old.get((kind, claimant), 0),
            after=new.get((kind, claimant), 0),
        )
        for kind, claimant in old.keys() | new.keys()
    ]
    shifts.sort(key=lambda s: (-abs(s.after - s.before), s.kind, s.claimant or ""))
    return Difference(before=before, after=after, posts=posts, shifts=tuple(shifts))


async def go_live(store: Store, clock: Clock, found: Difference) -> None:
    """Keep the difference, and let the new version count from now on. The next step is `drop_obsolete`."""
    for shift in found.changed:
        log.info(
            "reader: the new version finds otherwise",
            kind=shift.kind.value,
            claimant=shift.claimant or "nobody named",
            before=shift.before,
            after=shift.after,
        )
    async with store.begin() as tx:
        now = clock.now()
        await tx.marks.set(
            difference_mark(found.before, found.after),
            {
                "posts": found.posts,
                "counts": [[s.kind.value, s.claimant, s.before, s.after] for s in found.shifts],
            },
            now,
        )
        await tx.readings.go_live(found.after, now)
        tx.notify("readings")
    log.info(
        "reader: a new version is live",
        reader_version=found.after,
        former=found.before,
        posts=found.posts,
        changed=len(found.changed),
    )


async def drop_obsolete(store: Store, clock: Clock, *, only: int | None = None) -> None:
    """Remove what obsolete versions have read (or that one of them), in small transactions.

    May be broken off at any time: what is left is dropped the next time.
    """
    async with store.read() as tx:
        obsolete = await tx.readings.obsolete_versions()
    versions = [version for version in obsolete if only in (None, version)]
    for version in versions:
        left: Left | None = Left()
        while left is not None:
            async with store.begin() as tx:
                left = await tx.readings.drop(version, left, _PART, clock.now())
            await asyncio.sleep(0)
        log.info("reader: an old version is dropped", reader_version=version)
