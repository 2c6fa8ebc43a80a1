"""Were the alerts those that the scenario must give, and none besides?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.channel import Channel
from domain.episode import Episode
from sandbox.scenario import Expect, Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Each expected alert with the episode that met it, and the episodes that nothing asked for."""

    met: tuple[tuple[Expect, Episode | None], ...]
    besides: tuple[Episode, ...]

    @property
    def is_as_expected(self) -> bool:
        return not self.besides and all(episode is not None for _, episode in self.met)


def outcome(scenario: Scenario, told: Sequence[Episode], channels: Sequence[Channel]) -> Outcome:
    """Match what the subscriber was told of with what the scenario expects, each at most once."""
    handles = {channel.id: channel.handle for channel in channels}
    left = sorted(told, key=lambda episode: episode.opened_at or episode.found_at)
    met: list[tuple[Expect, Episode | None]] = []
    for expect in scenario.expect:
        found = next((e for e in left if _fits(expect, e, handles, scenario.starts)), None)
        if found is not None:
            left.remove(found)
        met.append((expect, found))
    return Outcome(met=tuple(met), besides=tuple(left))


def _fits(expect: Expect, episode: Episode, handles: dict[int, str | None], starts: datetime) -> bool:
    at = episode.opened_at
    subject = episode.subject
    return (
        at is not None
        and episode.kind.value == expect.kind
        and subject.topic == expect.topic
        and subject.group == expect.group
        and (handles.get(subject.channel_id) if subject.channel_id else None) == expect.channel
        and starts + expect.opens_from <= at <= starts + expect.opens_until
    )


def title(expect: Expect) -> str:
    """An expected alert in words."""
    whom = expect.topic and f"{expect.topic} on @{expect.channel}"
    whom = whom or (f"@{expect.channel}" if expect.channel else None) or expect.group
    return f"{expect.kind}{f' of {whom}' if whom else ''}"
