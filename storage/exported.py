"""Which posts the exports hold that were made: a paper may cite them, so what they say stays."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.post import PostKey
from storage.tables import Exported, Exports

#: An export that is not at its end after so long was broken off, and holds nothing.
_LONGEST = timedelta(days=1)


def stretches(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Rising numbers as stretches of such as follow each other: the first and the last of each."""
    out: list[tuple[int, int]] = []
    for number in numbers:
        if out and number == out[-1][1] + 1:
            out[-1] = out[-1][0], number
        else:
            out.append((number, number))
    return out


class ExportedRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def begin(self, keys: Iterable[PostKey], at: datetime) -> int:
        """From now on these posts are held by an export that is being made. Returns its number."""
        posts: dict[int, list[int]] = defaultdict(list)
        for channel_id, post_id in keys:
            posts[channel_id].append(post_id)
        made = await self._connection.execute(
            insert(Exports).values(at=at, identity="").returning(Exports.id)
        )
        number: int = made.scalar_one()
        rows = [
            {"export_id": number, "channel_id": channel_id, "posts": stretches(sorted(ids))}
            for channel_id, ids in posts.items()
        ]
        if rows:
            await self._connection.execute(insert(Exported), rows)
        return number

    async def end(self, number: int, identity: str) -> bool:
        """It is whole, and is cited by that hash. The same export made once more is one.

        False: it took so long that it was taken for one that was broken off, and holds nothing.
        """
        ended = update(Exports).where(Exports.id == number).values(identity=identity)
        if not (await self._connection.execute(ended)).rowcount:
            return False
        before = select(Exports.id).where(Exports.identity == identity, Exports.id != number)
        for former in (await self._connection.execute(before)).scalars().all():
            await self.forget(former)
        return True

    async def forget(self, number: int) -> None:
        """It came to nothing."""
        await self._connection.execute(delete(Exported).where(Exported.export_id == number))
        await self._connection.execute(delete(Exports).where(Exports.id == number))

    async def over(self, since: datetime | None, now: datetime) -> Sequence[int]:
        """The numbers of those that hold nothing any more: made before then (None: none was), broken off."""
        broken_off = (Exports.identity == "") & (Exports.at <= now - _LONGEST)
        query = select(Exports.id).where(broken_off if since is None else or_(broken_off, Exports.at < since))
        return (await self._connection.execute(query.order_by(Exports.id))).scalars().all()

    async def last(self) -> int:
        """The number of the export that was begun last; 0 when there is none."""
        found = await self._connection.execute(select(func.max(Exports.id)))
        return found.scalar_one_or_none() or 0

    async def held(self, channel_id: int, since: datetime | None, now: datetime) -> "Held":
        """What is held of a channel by the exports made since then (None: by all), or still under way."""
        query = (
            select(Exported.posts)
            .join(Exports, Exports.id == Exported.export_id)
            .where(
                Exported.channel_id == channel_id, (Exports.identity != "") | (Exports.at > now - _LONGEST)
            )
        )
        if since is not None:
            query = query.where(Exports.at >= since)
        found: list[tuple[int, int]] = []
        for posts in (await self._connection.execute(query)).scalars():
            found += [(first, last) for first, last in posts]
        return Held(_merged(found))


@dataclass(frozen=True, slots=True)
class Held:
    """Posts of one channel: the first and the last number of each stretch, in order."""

    stretches: Sequence[tuple[int, int]]

    def __contains__(self, post_id: int) -> bool:
        place = bisect_right(self.stretches, post_id, key=lambda each: each[0])
        return place > 0 and post_id <= self.stretches[place - 1][1]


def _merged(given: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for first, last in sorted(given):
        if out and first <= out[-1][1] + 1:
            out[-1] = out[-1][0], max(out[-1][1], last)
        else:
            out.append((first, last))
    return out
