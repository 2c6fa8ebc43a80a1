"""What budgets would mean for a channel or a topic of it: reckoned one at a time, and kept for a while."""

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from alerts.budgets import Budgets, channel_subject, topic_subject
from alerts.calibrate import Calibration, Record, strands
from alerts.config import AlertsConfig
from alerts.probe import Tried
from alerts.refusals import LADDER, Refusal, refusal
from alerts.strand import TOPIC, Strand
from alerts.weigh import read_record, weigh
from domain.channel import Channel
from domain.finding import Kind
from storage.store import Store

#: Seconds for which a channel's posts are not read again, and how many answers are kept.
_FRESH, _KEPT, _RECORDS = 300, 200, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A channel or a topic under one budget."""

    channel: Channel
    topic: str | None
    topics: Sequence[str]  #: those it has by habit
    budget: float  #: of silence, in false alarms a month
    present: float  #: the one that counts now
    is_saved: bool  #: was it set here or in the bot, rather than in the config?
    found: Calibration
    refused: Refusal | None

    @property
    def subject(self) -> str:
        """What its budget is kept under."""
        return channel_subject(self.channel.id) if self.topic is None else topic_subject(self.topic)

    @property
    def steps(self) -> list[float]:
        """Budgets to choose from, the one that counts now among them."""
        return sorted({*LADDER, round(self.present, 4)})

    @property
    def smallest_drop(self) -> Tried | None:
        """The least that it must fall to be seen more often than not."""
        return max(
            (t for t in self.found.tried if t.factor < 1 and t.is_seen), key=lambda t: t.factor, default=None
        )

    @property
    def smallest_surge(self) -> Tried | None:
        return min(
            (t for t in self.found.tried if t.factor > 1 and t.is_seen), key=lambda t: t.factor, default=None
        )


@dataclass(slots=True)
class Tuner:
    """One at a time: each takes a second of work or more."""

    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _records: OrderedDict[tuple[int, int], tuple[Record | None, list[Strand]]] = field(
        default_factory=OrderedDict
    )
    _weighed: OrderedDict[object, Calibration] = field(default_factory=OrderedDict)

    async def weigh(
        self,
        store: Store,
        rules: AlertsConfig,
        budgets: Budgets,
        topics: Collection[str],
        channel: Channel,
        now: datetime,
        *,
        topic: str | None = None,
        budget: float | None = None,
    ) -> Weighed | None:
        """None as budget: the one that counts now. Returns None when no post of the channel was read."""
        async with store.read() as tx:
            saved = await tx.changes.budgets()
        budgets = replace(budgets, saved=saved)
        async with self._turn:
            record, habits = await self._record(store, rules, topics, channel, now)
            if record is None:
                return None
            strand = None if topic is None else Strand(TOPIC, topic)
            known = _Known(self._weighed, record, rules, budgets, topics, strand)
            present = await known(None)
            counts = present.budgets.get(Kind.SILENCE, rules.silence.budget)
            found = present if budget in (None, counts) else await known(budget)
        names = [each.name for each in habits if each.what == TOPIC]
        subject = channel_subject(channel.id) if topic is None else topic_subject(topic)
        return Weighed(
            channel=channel,
            topic=topic,
            topics=names,
            budget=counts if budget is None else budget,
            present=counts,
            is_saved=subject in saved,
            found=found,
            refused=refusal(found, rules.silence),
        )

    async def _record(
        self,
        store: Store,
        rules: AlertsConfig,
        topics: Collection[str],
        channel: Channel,
        now: datetime,
    ) -> tuple[Record | None, list[Strand]]:
        key = (channel.id, int(now.timestamp() // _FRESH))
        if key not in self._records:
            async with store.read() as tx:
                record = await read_record(tx, channel, now)
            habits = [] if record is None else await asyncio.to_thread(strands, record, rules, topics)
            self._records[key] = (record, habits)
            while len(self._records) > _RECORDS:
                self._records.popitem(last=False)
        return self._records[key]


@dataclass(frozen=True, slots=True)
class _Known:
    """Reckons under a budget, once."""

    kept: OrderedDict[object, Calibration]
    record: Record
    rules: AlertsConfig
    budgets: Budgets
    topics: Collection[str]
    strand: Strand | None

    async def __call__(self, budget: float | None) -> Calibration:
        key = (
            self.record.channel.id,
            self.record.readings[-1].seq,
            len(self.record.readings),
            self.strand,
            budget,
            tuple(sorted(self.budgets.saved.items())),
        )
        if key not in self.kept:
            self.kept[key] = await asyncio.to_thread(
                weigh,
                self.record,
                self.rules,
                self.budgets,
                strand=self.strand,
                budget=budget,
                topics=self.topics,
            )
            while len(self.kept) > _KEPT:
                self.kept.popitem(last=False)
        return self.kept[key]
