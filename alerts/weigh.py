"""What another budget would mean for a channel or one topic of it: its record, and the weighing of it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from alerts.budgets import Budgets, with_budget
from alerts.calibrate import BACK, LEARNED, Calibration, Record, calibrate
from alerts.config import AlertsConfig
from alerts.strand import Strand
from domain.channel import Channel
from storage.store import Transaction

#: Of what was told so much is looked at for what people said of it.
_MOST_EPISODES = 10_000


async def read_record(tx: Transaction, channel: Channel, now: datetime) -> Record | None:
    """A channel as the live reader has read it of late. None: it has no post that was read."""
    version = await tx.readings.live_version()
    if version is None:
        return None
    start = now - BACK - LEARNED
    until = await tx.readings.last_seq()
    found = tx.readings.since(start, until_seq=until, channel_id=channel.id, reader_version=version)
    readings = [reading async for reading in found]
    if not readings:
        return None
    told = await tx.episodes.newest(_MOST_EPISODES, channel.id)
    return Record(
        channel=channel,
        readings=sorted(readings, key=lambda r: (r.posted_at, r.post_id)),
        spans=await tx.watch.spans(channel.id, start) or None,
        told=[episode for episode in told if episode.opened_at is not None],
        opinions=await tx.opinions.standing(since=start),
    )


def weigh(
    record: Record,
    rules: AlertsConfig,
    budgets: Budgets,
    *,
    strand: Strand | None = None,
    budget: float | None = None,
    topics: Collection[str] | None = None,
    probes: bool = True,
) -> Calibration:
    """What `budget` means for the channel of the record, or for one strand of it; None: the one it has."""
    own = budgets.rules(record.channel, rules)
    if budget is not None and strand is not None:
        budgets = replace(
            budgets,
            topics={**budgets.topics, strand.name: budget},
            saved={k: v for k, v in budgets.saved.items() if k != f"topic:{strand.name}"},
        )
    elif budget is not None:
        own = with_budget(own, budget)
    # The channel's own is in the rules by now.
    return calibrate(
        record,
        own,
        strand=strand,
        topics=topics,
        budgets=replace(budgets, channels={}, saved=_of_topics(budgets)),
        probes=probes,
    )


def _of_topics(budgets: Budgets) -> dict[str, float]:
    return {subject: budget for subject, budget in budgets.saved.items() if subject.startswith("topic:")}
