"""What the engine has learned, put away in the archive now and then, and taken up at its next start.

Nothing rests on it: what is damaged, too old or of another understanding is left, and all is learned anew.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pickle import PicklingError

import structlog

from alerts.mark import Mark
from alerts.panel import Panel
from alerts.plain import Unreadable, packed, unpacked
from storage.learned import HEAD
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

#: So often, by the machine's clock, it is put away.
EVERY = timedelta(minutes=30)
#: What is older is left: so much is learned as fast anew.
OLDEST = timedelta(days=7)
#: So many parts are written at once, so that nobody waits for it for long.
AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What was put away, and of which moment it is."""

    generation: int
    seq: int  #: the last reading that was taken in
    at: datetime
    parts: int

    @property
    def numbers(self) -> range:
        """Those of its parts."""
        return range(HEAD + 1, HEAD + 1 + self.parts)


async def newest(tx: Transaction, mark: Mark, fingerprint: str, now: datetime) -> Kept | None:
    """What was put away last, by an engine at work or for one that is to begin, if it is of the past that
    `mark` tells of and was learned as is learned now.
    """
    found = [
        kept
        for is_prepared in (False, True)
        if (kept := await _fitting(tx, mark, fingerprint, now, prepared=is_prepared)) is not None
    ]
    return max(found, key=lambda kept: kept.seq, default=None)


async def _fitting(
    tx: Transaction, mark: Mark, fingerprint: str, now: datetime, *, prepared: bool
) -> Kept | None:
    generation = await tx.learned.newest(prepared=prepared)
    head = None if generation is None else await tx.learned.part(generation, HEAD)
    if generation is None or head is None:
        return None
    try:
        found = unpacked(head)
        version, seq, at = int(found["version"]), int(found["seq"]), datetime.fromisoformat(found["at"])
        parts, of = int(found["parts"]), str(found["fingerprint"])
        is_old = now - at > OLDEST
    except (Unreadable, KeyError, TypeError, ValueError) as error:
        log.warning("alerts: what was put away as learned cannot be read", why=str(error))
        return None
    why = ""
    if of != fingerprint or version != mark.version:
        why = "other rules, topics, readings or another Deadair since"
    elif seq > mark.seq:
        why = "it is of a future that this archive does not know"
    elif is_old:
        why = "it is too old"
    if why:
        what = "was prepared" if prepared else "was put away as learned"
        log.info(f"alerts: what {what} does not fit", why=why)
        return None
    return Kept(generation=generation, seq=seq, at=at, parts=parts)


async def take_up(tx: Transaction, kept: Kept, panel: Panel) -> frozenset[int] | None:
    """Into a panel that has learned nothing yet. The channels that need not be learned; None: all must be, by
    another panel.
    """
    taking = panel.taking()
    try:
        for number in kept.numbers:
            content = await tx.learned.part(kept.generation, number)
            if content is None:
                raise Unreadable("a part is missing")
            digest, content = content[:32], content[32:]
            if sha256(content).digest() != digest:
                raise Unreadable("a part is damaged")
            taking.take(content)
    except Unreadable as error:
        log.warning(
            "alerts: what was put away as learned cannot be used; all is learned anew", why=str(error)
        )
        return None
    return frozenset(taking.taken)


class Keeping:
    """Puts away what one panel has learned: at one moment, and into the archive piece by piece."""

    def __init__(
        self, store: Store, fingerprint: str, last: datetime | None, *, prepares: bool = False
    ) -> None:
        """`last`: of when is what was put away last, if that was taken up. `prepares`: it is for an engine
        that is to begin, and leaves alone what the one at work has put away.
        """
        self._store = store
        self._prepares = prepares
        self._fingerprint = fingerprint
        self._last = last
        self._generation = 0
        self._left: list[tuple[int, bytes]] = []  #: parts of that moment that are not stored yet, head last
        self._clears = False  #: whether former generations may still be there

    def is_due(self, now: datetime, speed: float) -> bool:
        """Is it time for another? `speed` is that of the clock."""
        return not self.busy and (self._last is None or now - self._last >= EVERY * speed)

    @property
    def busy(self) -> bool:
        """Is there something left to store?"""
        return bool(self._left) or self._clears

    def put_away(self, panel: Panel, place: Mark, now: datetime, without: Collection[int]) -> None:
        """Hold what the panel has learned by now, of all channels but these. It does not change meanwhile.

        `place` must be stored already.
        """
        self._last, self._generation = now, 0
        try:
            parts = [sha256(part).digest() + part for part in panel.put_away(without)]
        except PicklingError as error:  # a fault of ours, by which nothing else is to suffer
            log.error("alerts: what was learned cannot be put away", why=str(error))
            return
        head = packed(
            {
                "version": place.version,
                "seq": place.seq,
                "at": now.isoformat(),
                "parts": len(parts),
                "fingerprint": self._fingerprint,
            }
        )
        self._left = [*enumerate(parts, HEAD + 1), (HEAD, head)]

    async def store_some(self) -> None:
        """Store some of what is left; what was put away before counts until all of it is stored."""
        left, self._left = self._left, []  # what fails, perhaps after all was stored, is not tried again
        clears, self._clears = self._clears, False
        async with self._store.begin() as tx:
            if clears:
                clears = await tx.learned.forget(self._generation) or await self._forget_prepared(tx)
            else:
                self._generation = self._generation or await tx.learned.next(prepared=self._prepares)
                for number, content in left[:AT_ONCE]:
                    await tx.learned.put(self._generation, number, content)
        self._left = left[AT_ONCE:]
        self._clears = clears or (bool(left) and not self._left)

    async def _forget_prepared(self, tx: Transaction) -> bool:
        """What was prepared for an engine such as this one, or too long ago, is of no more use."""
        number = None if self._prepares else await tx.learned.newest(prepared=True)
        head = None if number is None else await tx.learned.part(number, HEAD)
        if number is None or head is None or self._last is None:
            return False
        try:
            found = unpacked(head)
            of, at = str(found["fingerprint"]), datetime.fromisoformat(found["at"])
            is_wanted = of != self._fingerprint and self._last - at <= OLDEST
        except (Unreadable, KeyError, TypeError, ValueError):
            is_wanted = False
        return False if is_wanted else await tx.learned.forget(number - 1)
