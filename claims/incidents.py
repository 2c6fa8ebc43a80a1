"""From claims to incidents: what the archive knows of the acts around them, and the numbers that it gives.

Only the acts around the claims that are being read are held, however long the archive is. An act is held
whole or not at all, so that what a claim joins does not depend on what was read before it in this process.
"""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby

from claims.lexicon.entries import Place
from claims.matching import HORIZON, Acts, Told
from domain.claim import ArchivedClaim
from domain.post import Post
from storage.store import Transaction

#: Acts get numbers from here until the archive has numbered them; no archive counts so far.
_UNNUMBERED = 1 << 62
#: So many claims are held; with more, those far from the ones being read are let go.
_MOST = 5_000
#: The archive is asked for stretches of time of this length.
_STRETCH = HORIZON
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_Key = tuple[int, int, int, int]


@dataclass(slots=True)
class _Bounds:
    first_at: datetime
    last_at: datetime

    def take(self, at: datetime) -> None:
        self.first_at, self.last_at = min(self.first_at, at), max(self.last_at, at)


class Incidents:
    """Of one reader version. `join` may be followed by `store`; if it is not, a new object is needed."""

    def __init__(self, places: Mapping[str, Place], reader_version: int) -> None:
        self._places = places
        self._version = reader_version
        self._numbers: dict[int, int] = {}  #: in the archive, of acts that were opened here
        self._waiting: list[tuple[Told, int]] = []  #: joined, not stored yet
        self._most = _MOST
        self._acts = Acts(places, free=_UNNUMBERED)
        self._stretches: set[int] = set()
        self._held: set[_Key] = set()

    async def join(
        self, tx: Transaction, claims: Sequence[tuple[ArchivedClaim, Post, str]]
    ) -> list[ArchivedClaim]:
        """The claims with what they joined, in the order in which they are told; only attacks have acts.

        Each comes with its post and the text that its evidence lies in. The numbers are not those of the
        archive yet: see `store`.
        """
        out: list[ArchivedClaim] = []
        start = 0
        while start < len(claims):
            end = start
            while end < len(claims) and await self._fetch(tx, claims[end], may_drop=end == start):
                end += 1
            # Matching takes its time; meanwhile others may go on.
            out += await asyncio.to_thread(self._join, claims[start:end])
            start = end
        return out

    def _join(self, claims: Iterable[tuple[ArchivedClaim, Post, str]]) -> list[ArchivedClaim]:
        out: list[ArchivedClaim] = []
        for _, of_text in groupby(claims, key=lambda c: (c[0].channel_id, c[0].post_id, c[0].revision)):
            found = list(of_text)
            attacks = [each for each in found if each[0].claim.kind.is_attack]
            told = [_told(*each) for each in attacks]
            numbers = [joined.number for joined in self._acts.tell_post(told)]
            self._waiting += zip(told, numbers, strict=True)
            self._held.update(_key(claim) for claim, _, _ in attacks)
            of = {_key(claim): number for (claim, _, _), number in zip(attacks, numbers, strict=True)}
            out += [replace(claim, incident_id=of.get(_key(claim))) for claim, _, _ in found]
        return out

    async def _fetch(
        self, tx: Transaction, claim: tuple[ArchivedClaim, Post, str], *, may_drop: bool
    ) -> bool:
        """Have what this claim is matched with. False: what waits to be matched must be matched before."""
        if not claim[0].claim.kind.is_attack:
            return True
        needed = _stretches(_instants(claim[1]))
        if needed <= self._stretches:
            return True
        full = len(self._held) > self._most
        if full and not may_drop:
            return False
        if full:
            await self._begin_anew(tx)
        for first, last in _runs(sorted(needed - self._stretches)):
            start, end = _EPOCH + first * _STRETCH, _EPOCH + (last + 1) * _STRETCH
            self._know(await tx.claims.around(start, end, self._version))
            self._stretches.update(range(first, last + 1))
        if full:
            self._most = max(_MOST, 2 * len(self._held))
        return True

    async def _begin_anew(self, tx: Transaction) -> None:
        """Let all go that is held, but for what is not stored yet and the acts that it joined."""
        self._acts = Acts(self._places, free=_UNNUMBERED)
        self._stretches, self._held = set(), set()
        joined = {number for _, number in self._waiting}
        self._numbers = {n: stored for n, stored in self._numbers.items() if n in joined}
        waiting = [(told, self._numbers.get(number, number)) for told, number in self._waiting]
        stored = {number for _, number in waiting if number < _UNNUMBERED}
        self._know(await tx.claims.telling_of(stored))
        for told, number in waiting:
            self._acts.known(told, number)

    def _know(self, found: Iterable[tuple[ArchivedClaim, str]]) -> None:
        for claim, text in found:
            if _key(claim) not in self._held and claim.incident_id is not None:
                self._held.add(_key(claim))
                self._acts.known(_told(claim, None, text), claim.incident_id)

    async def store(self, tx: Transaction, claims: Sequence[ArchivedClaim]) -> list[ArchivedClaim]:
        """Store the acts that these claims opened or joined; the claims with the archive's numbers."""
        bounds: dict[int, _Bounds] = {}
        for claim in claims:
            if claim.incident_id is not None:
                found = bounds.setdefault(claim.incident_id, _Bounds(claim.posted_at, claim.posted_at))
                found.take(claim.posted_at)
        new = [n for n in bounds if n >= _UNNUMBERED and n not in self._numbers]
        made = await tx.claims.open_incidents(
            [(bounds[n].first_at, bounds[n].last_at) for n in new], self._version
        )
        self._numbers.update(zip(new, made, strict=True))
        await tx.claims.widen_incidents(
            {
                self._numbers.get(n, n): (found.first_at, found.last_at)
                for n, found in bounds.items()
                if n not in set(new)
            }
        )
        self._waiting.clear()
        return [
            replace(claim, incident_id=self._numbers.get(claim.incident_id, claim.incident_id))
            if claim.incident_id is not None
            else claim
            for claim in claims
        ]


def _key(claim: ArchivedClaim) -> _Key:
    return claim.channel_id, claim.post_id, claim.number, claim.version


def _told(claim: ArchivedClaim, post: Post | None, text: str) -> Told:
    """`post` is needed for what is to be matched, not for what is known."""
    forward = post.forward if post is not None else None
    origin = None
    if forward is not None and None not in (forward.channel_id, forward.post_id, forward.posted_at):
        origin = (forward.channel_id, forward.post_id)
    return Told(
        post=(claim.channel_id, claim.post_id),
        number=claim.number,
        posted_at=claim.posted_at,
        claim=claim.claim,
        text=text,
        origin=origin,
        forwarded=forward is not None,
    )


def _instants(post: Post) -> Iterator[datetime]:
    """Around which times a post's acts are looked for."""
    yield post.posted_at
    if post.forward is not None and post.forward.posted_at is not None:
        yield post.forward.posted_at


def _stretches(instants: Iterable[datetime]) -> set[int]:
    out: set[int] = set()
    for at in instants:
        first, last = (at - HORIZON - _EPOCH) // _STRETCH, (at + HORIZON - _EPOCH) // _STRETCH
        out.update(range(first, last + 1))
    return out


def _runs(numbers: Collection[int]) -> Iterator[tuple[int, int]]:
    """Ascending numbers as stretches without a hole."""
    first = last = None
    for n in numbers:
        if first is None or last is None:
            first = last = n
        elif n == last + 1:
            last = n
        else:
            yield first, last
            first = last = n
    if first is not None and last is not None:
        yield first, last
