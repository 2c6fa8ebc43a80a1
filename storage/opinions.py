"""What people make of episodes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.episode import Episode
from domain.opinion import Fault, Opinion, Says
from storage.episodes import episode_record
from storage.tables import Episodes, Opinions


class OpinionRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, opinion: Opinion) -> Opinion:
        """Keep a person's word; it stands until the next on the same episode. The episode must be stored."""
        made = await self._connection.execute(
            insert(Opinions)
            .values(
                episode_id=opinion.episode_id,
                at=opinion.at,
                says=opinion.says.value,
                by=opinion.by,
                note=opinion.note,
                fault=opinion.fault.value if opinion.fault else None,
            )
            .returning(Opinions.seq)
        )
        return replace(opinion, seq=made.scalar_one())

    async def of(self, episode_id: int) -> Sequence[Opinion]:
        """All that was said of an episode, oldest first; the last one stands."""
        rows = await self._connection.execute(
            select(Opinions.__table__).where(Opinions.episode_id == episode_id).order_by(Opinions.seq)
        )
        return [opinion_record(row) for row in rows.mappings()]

    async def last_seq(self) -> int:
        found = await self._connection.execute(select(func.max(Opinions.seq)))
        return found.scalar_one_or_none() or 0

    async def standing(
        self, *, since: datetime | None = None, after: int = 0
    ) -> Sequence[tuple[Episode, Opinion]]:
        """Each judged episode with the word that stands, by the order in which it was given.

        Only of episodes that ended, or still last, after `since`; only words given after number `after`.
        """
        newest = select(func.max(Opinions.seq)).group_by(Opinions.episode_id)
        query = (
            select(Opinions.__table__)
            .join(Episodes, Episodes.id == Opinions.episode_id)
            .where(Opinions.seq.in_(newest), Opinions.seq > after)
            .order_by(Opinions.seq)
        )
        if since is not None:
            query = query.where(Episodes.closed_at.is_(None) | (Episodes.closed_at > since))
        opinions = [opinion_record(row) for row in (await self._connection.execute(query)).mappings()]
        episodes = {}
        for opinion in opinions:
            rows = await self._connection.execute(
                select(Episodes.__table__).where(Episodes.id == opinion.episode_id)
            )
            episodes[opinion.episode_id] = episode_record(rows.mappings().one())
        return [(episodes[opinion.episode_id], opinion) for opinion in opinions]


def opinion_record(row: Mapping[Any, Any]) -> Opinion:
    fault = Fault(row["fault"]) if row["fault"] else None
    return Opinion(**{**row, "says": Says(row["says"]), "fault": fault})
