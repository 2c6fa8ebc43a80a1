"""What people set while Deadair runs, in the bot or on the page: it counts before config.toml."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from alerts.budgets import channel_subject, topic_subject
from collector.entries import KNOWN
from domain.candidate import CandidateState
from domain.change import Change, What
from domain.channel import Channel
from domain.wanted import Want, Watching

if TYPE_CHECKING:
    from storage.store import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBudget:
    """A budget, of a channel or of a topic in whichever channel."""

    budget: float
    channel: Channel | None = None
    topic: str | None = None
    by: str = ""  #: "": nobody kept it
    at: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """All of it. Empty where there is no archive yet."""

    budgets: Sequence[SetBudget] = ()
    wants: Sequence[Want] = ()
    #: Which channel each entry was found to be, by the entry's key.
    found: Mapping[str, Channel] = field(default_factory=dict)

    @property
    def added(self) -> Sequence[Want]:
        return [want for want in self.wants if want.wanted is Watching.WATCHED]


async def read_tuned(tx: "Transaction") -> Tuned:
    """As it counts now, each with its last change."""
    channels = {channel.id: channel for channel in await tx.channels.all()}
    saved = await tx.changes.budgets()
    budgets = []
    for subject, budget in sorted(saved.items()):
        change = await tx.changes.last_of(What.BUDGET, subject)
        channel = next((c for c in channels.values() if channel_subject(c.id) == subject), None)
        topic = subject.removeprefix(topic_subject("")) if subject.startswith(topic_subject("")) else None
        if channel is None and topic is None:
            continue  # of a channel that is no more
        budgets.append(
            SetBudget(
                budget=budget,
                channel=channel,
                topic=topic,
                by=_by(change),
                at=change.at if change else None,
                why=str((change.new or {}).get("reason", "")) if change else "",
            )
        )
    known = {
        name.removeprefix(KNOWN): channels[value["id"]]
        for name, value, _ in await tx.marks.all(KNOWN)
        if value.get("id") in channels
    }
    wants = list(await tx.changes.wants())
    return Tuned(budgets=budgets, wants=[*wants, *await _wishes(tx, wants, channels)], found=known)


async def _wishes(
    tx: "Transaction", wants: Sequence[Want], channels: Mapping[int, Channel]
) -> Sequence[Want]:
    """Candidates that were taken into the watch, as if somebody had asked for them by name."""
    have = {want.key for want in wants}
    out = []
    for each in await tx.candidates.in_state(CandidateState.ASKED, CandidateState.WATCHED):
        if each.asked_at is None or each.handle.casefold() in have:
            continue
        parent = channels.get(each.channel_id)
        out.append(
            Want(
                key=each.handle.casefold(),
                wanted=Watching.WATCHED,
                handle=each.handle,
                channel_id=each.number,
                group=parent.group if parent else None,
                zone=parent.zone if parent else "UTC",
                country=parent.country if parent else None,
                asked_at=each.asked_at,
                asked_by=each.asked_by,
            )
        )
    return out


def _by(change: Change | None) -> str:
    if change is None:
        return ""
    return f"{change.name} ({change.by})" if change.by else change.name
