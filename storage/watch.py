"""When we could have seen, and when not."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.post import How
from domain.watch import Gap, GapCause, Missing, Seen, WatchSpan, edits_seen
from storage.keys import CHUNK
from storage.tables import Gaps, WatchSpans
from storage.types import undecoded

_ENDS = (WatchSpans.__table__.c.from_at, WatchSpans.__table__.c.to_at)


class WatchRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def extend(self, span: WatchSpan) -> None:
        """Add a stretch that was watched; one that touches the last of its kind lengthens it."""
        found = await self._connection.execute(
            select(WatchSpans.seq, WatchSpans.from_at, WatchSpans.to_at)
            .where(
                WatchSpans.account == span.account,
                WatchSpans.channel_id == span.channel_id,
                WatchSpans.how == span.how.value,
            )
            .order_by(WatchSpans.to_at.desc())
            .limit(1)
        )
        last = found.one_or_none()
        if last is not None and last.from_at <= span.from_at <= last.to_at:
            if span.to_at > last.to_at:
                await self._connection.execute(
                    update(WatchSpans).where(WatchSpans.seq == last.seq).values(to_at=span.to_at)
                )
            return
        await self._connection.execute(
            insert(WatchSpans).values(
                channel_id=span.channel_id,
                account=span.account,
                from_at=span.from_at,
                to_at=span.to_at,
                how=span.how.value,
            )
        )

    async def extend_many(self, spans: Sequence[WatchSpan]) -> None:
        """The same for many channels at once, each of them named once for an account and a way."""
        kinds: dict[tuple[str, How], list[WatchSpan]] = defaultdict(list)
        for span in spans:
            kinds[span.account, span.how].append(span)
        for (account, how), alike in kinds.items():
            await self._extend_alike(account, how, alike)

    async def _extend_alike(self, account: str, how: How, spans: Sequence[WatchSpan]) -> None:
        rows = await self._connection.execute(
            select(WatchSpans.channel_id, WatchSpans.seq, WatchSpans.from_at, WatchSpans.to_at)
            .where(
                WatchSpans.account == account,
                WatchSpans.channel_id.in_([span.channel_id for span in spans]),
                WatchSpans.how == how.value,
                WatchSpans.to_at >= min(span.from_at for span in spans),
            )
            .order_by(WatchSpans.to_at)
        )
        last = {row.channel_id: row for row in rows}
        longer, new = [], []
        for span in spans:
            found = last.get(span.channel_id)
            if found is None or not found.from_at <= span.from_at <= found.to_at:
                new.append(
                    {
                        "channel_id": span.channel_id,
                        "account": account,
                        "from_at": span.from_at,
                        "to_at": span.to_at,
                        "how": how.value,
                    }
                )
            elif span.to_at > found.to_at:
                longer.append({"s": found.seq, "until": span.to_at})
        if longer:
            await self._connection.execute(
                update(WatchSpans).where(WatchSpans.seq == bindparam("s")).values(to_at=bindparam("until")),
                longer,
            )
        if new:
            await self._connection.execute(insert(WatchSpans), new)

    async def spans(self, channel_id: int, since: datetime | None = None) -> Sequence[WatchSpan]:
        """The stretches watched that end after `since`, in order of their beginning."""
        query = select(WatchSpans.__table__).where(WatchSpans.channel_id == channel_id)
        if since is not None:
            query = query.where(WatchSpans.to_at > since)
        rows = await self._connection.execute(query.order_by(WatchSpans.from_at, WatchSpans.seq))
        return [span_record(row) for row in rows.mappings()]

    async def since(self, at: datetime) -> Sequence[WatchSpan]:
        """The stretches of all channels that end after `at`, in order of their beginning."""
        rows = await self._connection.execute(
            select(WatchSpans.__table__)
            .where(WatchSpans.to_at > at)
            .order_by(WatchSpans.from_at, WatchSpans.seq)
        )
        return [span_record(row) for row in rows.mappings()]

    async def rows_since(self, at: datetime) -> Mapping[int, tuple[int, Any, Any]]:
        """Those of `since` as they stand in the archive, by their numbers: channel, beginning and end. Not to
        be read, only to be held against what stood there before, which costs a tenth.
        """
        query = select(WatchSpans.seq, WatchSpans.channel_id, *undecoded(*_ENDS))
        rows = await self._connection.execute(query.where(WatchSpans.to_at > at))
        return {row[0]: (row[1], row[2], row[3]) for row in rows}

    async def some(self, numbers: Iterable[int]) -> Sequence[tuple[int, WatchSpan]]:
        """These, with their numbers, in order of their beginning."""
        found: list[tuple[int, WatchSpan]] = []
        wanted = sorted(numbers)
        for start in range(0, len(wanted), CHUNK):
            rows = await self._connection.execute(
                select(WatchSpans.__table__).where(WatchSpans.seq.in_(wanted[start : start + CHUNK]))
            )
            found += [(row["seq"], span_record(row)) for row in rows.mappings()]
        return sorted(found, key=lambda each: (each[1].from_at, each[0]))

    async def seen(self, channel_id: int, since: datetime | None = None) -> Seen:
        """Could we have seen? Merged over all accounts and ways."""
        return Seen.merged(await self.spans(channel_id, since))

    async def seen_of(self, channel_ids: Sequence[int]) -> dict[int, Seen]:
        """The same of many channels; those that were never watched are left out."""
        found: dict[int, list[WatchSpan]] = defaultdict(list)
        wanted = sorted(channel_ids)
        for start in range(0, len(wanted), CHUNK):
            rows = await self._connection.execute(
                select(WatchSpans.__table__).where(WatchSpans.channel_id.in_(wanted[start : start + CHUNK]))
            )
            for row in rows.mappings():
                found[row["channel_id"]].append(span_record(row))
        return {channel_id: Seen.merged(spans) for channel_id, spans in found.items()}

    async def edits_seen_of(self, channel_ids: Sequence[int]) -> dict[int, Seen]:
        """Of each channel, when edits and deletions came as they were made (`domain.watch.edits_seen`)."""
        spans, gaps = defaultdict(list), defaultdict(list)
        wanted = sorted(channel_ids)
        for start in range(0, len(wanted), CHUNK):
            some = wanted[start : start + CHUNK]
            of = select(WatchSpans.__table__).where(WatchSpans.channel_id.in_(some))
            for row in (
                await self._connection.execute(of.where(WatchSpans.how == How.LIVE.value))
            ).mappings():
                spans[row["channel_id"]].append(span_record(row))
            rows = await self._connection.execute(select(Gaps.__table__).where(Gaps.channel_id.in_(some)))
            for row in rows.mappings():
                gaps[row["channel_id"]].append(gap_record(row))
        return {each: edits_seen(spans[each], gaps[each]) for each in wanted}

    async def until(self) -> dict[int, datetime]:
        """For every channel, the last instant that is known to have been watched."""
        rows = await self._connection.execute(
            select(WatchSpans.channel_id, func.max(WatchSpans.to_at)).group_by(WatchSpans.channel_id)
        )
        return {row[0]: row[1] for row in rows}

    async def until_by_account(self) -> dict[str, dict[int, datetime]]:
        """For every account and channel, up to when that account saw what came as it came: what it read
        afterwards, or what stands in files, says nothing of that.
        """
        rows = await self._connection.execute(
            select(WatchSpans.account, WatchSpans.channel_id, func.max(WatchSpans.to_at))
            .where(WatchSpans.how.in_((How.LIVE.value, How.POLLED.value)))
            .group_by(WatchSpans.account, WatchSpans.channel_id)
        )
        found: dict[str, dict[int, datetime]] = defaultdict(dict)
        for account, channel_id, to_at in rows:
            found[account][channel_id] = to_at
        return dict(found)

    async def begin_gaps(self, gaps: Sequence[Gap]) -> None:
        """Gaps begin; while one of the same channel and account is open, its cause is kept."""
        last = {(g.channel_id, g.account) for g in await self.open_gaps(g.channel_id for g in gaps)}
        await self._add_gaps([gap for gap in gaps if (gap.channel_id, gap.account) not in last])

    async def add_gap(self, gap: Gap) -> None:
        await self._add_gaps([gap])

    async def _add_gaps(self, gaps: Sequence[Gap]) -> None:
        rows = [
            {
                "channel_id": gap.channel_id,
                "account": gap.account,
                "from_at": gap.from_at,
                "to_at": gap.to_at,
                "cause": gap.cause.value,
                "missing": gap.missing.value,
                "detail": gap.detail,
            }
            for gap in gaps
        ]
        if rows:
            await self._connection.execute(insert(Gaps), rows)

    async def end_gaps(self, gaps: Iterable[Gap], missing: Missing) -> None:
        """Gaps that are open end, each at its `to_at`; `missing` says what they may still hide."""
        ends = [{"c": gap.channel_id, "a": gap.account, "at": gap.to_at} for gap in gaps]
        if ends:
            await self._connection.execute(
                update(Gaps)
                .where(
                    Gaps.channel_id == bindparam("c"), Gaps.account == bindparam("a"), Gaps.to_at.is_(None)
                )
                .values(to_at=bindparam("at"), missing=missing.value),
                ends,
            )

    async def open_gaps(self, channel_ids: Iterable[int] | None = None) -> Sequence[Gap]:
        """The gaps that still last, of these channels, or of all."""
        query = select(Gaps.__table__).where(Gaps.to_at.is_(None)).order_by(Gaps.seq)
        if channel_ids is None:
            return [gap_record(row) for row in (await self._connection.execute(query)).mappings()]
        found: list[Gap] = []
        wanted = sorted(set(channel_ids))
        for start in range(0, len(wanted), CHUNK):
            of = query.where(Gaps.channel_id.in_(wanted[start : start + CHUNK]))
            found += [gap_record(row) for row in (await self._connection.execute(of)).mappings()]
        return found

    async def gaps(self, channel_id: int, since: datetime | None = None) -> Sequence[Gap]:
        query = select(Gaps.__table__).where(Gaps.channel_id == channel_id)
        if since is not None:
            query = query.where(Gaps.to_at.is_(None) | (Gaps.to_at > since))
        rows = await self._connection.execute(query.order_by(Gaps.from_at, Gaps.seq))
        return [gap_record(row) for row in rows.mappings()]


def span_record(row: Mapping[Any, Any]) -> WatchSpan:
    return WatchSpan(
        channel_id=row["channel_id"],
        account=row["account"],
        from_at=row["from_at"],
        to_at=row["to_at"],
        how=How(row["how"]),
    )


def gap_record(row: Mapping[Any, Any]) -> Gap:
    fields = dict(row)
    fields.pop("seq")
    return Gap(**{**fields, "cause": GapCause(fields["cause"]), "missing": Missing(fields["missing"])})
