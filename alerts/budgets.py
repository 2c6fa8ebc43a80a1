"""What is set for single channels and topics: how many false alarms are allowed, which calendars hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pydantic import BaseModel

from alerts.calendars.season import NO_CALENDARS, Calendars, Season
from alerts.config import AlertsConfig
from alerts.strand import TOPIC, Strand
from domain.channel import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """Budgets of single channels and topics, in false alarms a month, and the times of the year."""

    channels: Mapping[str, float] = field(default_factory=dict)  #: by handle in small letters, or number
    topics: Mapping[str, float] = field(default_factory=dict)  #: by name, in whichever channel
    calendars: Calendars = NO_CALENDARS
    #: What was set while Deadair runs, by `channel_subject` or `topic_subject`: it counts before the others.
    saved: Mapping[str, float] = field(default_factory=dict)

    def of(self, channel: Channel) -> float | None:
        """What is set for this channel; None: nothing, so that it has what all have."""
        if (saved := self.saved.get(channel_subject(channel.id))) is not None:
            return saved
        for name in _names(channel):
            if name in self.channels:
                return self.channels[name]
        return None

    def season(self, channel: Channel) -> Season:
        """What the calendars mean for this channel."""
        return self.calendars.of(_names(channel), channel.country, channel.zone)

    def alone(self, channel: Channel) -> "Budgets":
        """The same for whoever judges this channel by itself, its country and its group left out."""
        own = {str(channel.id): self.season(channel).periods}
        return replace(self, calendars=Calendars(channels=own))

    def strand(self, strand: Strand) -> float | None:
        """What is set for a topic; None: nothing, so that it has its part of the channel's."""
        if strand.what != TOPIC:
            return None
        saved = self.saved.get(topic_subject(strand.name))
        return self.topics.get(strand.name) if saved is None else saved

    def rules(self, channel: Channel, rules: AlertsConfig) -> AlertsConfig:
        """The rules by which this channel is judged."""
        budget = self.of(channel)
        return rules if budget is None else with_budget(rules, budget)


def channel_subject(channel_id: int) -> str:
    """What a channel's budget is kept under."""
    return f"channel:{channel_id}"


def topic_subject(topic: str) -> str:
    """What the budget of a topic, in whichever channel, is kept under."""
    return f"topic:{topic}"


def _names(channel: Channel) -> tuple[str, str]:
    return (channel.handle or "").casefold(), str(channel.id)


def with_budget(rules: AlertsConfig, budget: float) -> AlertsConfig:
    """The same rules with another budget for silence, drop and surge alike."""
    changed: dict[str, BaseModel] = {}
    for name in ("silence", "drop", "surge"):
        rule = getattr(rules, name, None)
        if isinstance(rule, BaseModel):
            changed[name] = rule.model_copy(update={"budget": budget})
    return rules.model_copy(update=changed)
