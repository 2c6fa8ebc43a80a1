"""Which account watches a channel, who stands in for it, and what a witness saw: for `deadair status`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.channel import Channel
from storage.accounts import Assignment, Witnessed


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Of one channel."""

    assignment: Assignment | None = None
    witnessed: tuple[Witnessed, ...] = ()

    @property
    def words(self) -> str:
        """`main`, `spare for main`, `main +3`: three posts were seen by one of two accounts only."""
        if self.assignment is None:
            return "-"
        home, watcher = self.assignment.home, self.assignment.watcher
        who = watcher or "nobody"
        said = who if watcher == home else f"{who} for {home}"
        alone = sum(each.only_witness + each.only_watcher for each in self.witnessed)
        return f"{said} +{alone}" if alone else said

    @property
    def document(self) -> dict[str, Any]:
        place = self.assignment
        return {
            "account": place and place.watcher,
            "home": place and place.home,
            "witness": place and place.witness,
            "witnessed": [
                {
                    "by": each.account,
                    "since": each.since.isoformat(),
                    "until": each.checked_at.isoformat(),
                    "posts": each.seen,
                    "only_by_it": each.only_witness,
                    "only_by_the_other": each.only_watcher,
                    "differed": [
                        {"post": w.post_id, "at": w.at.isoformat(), "seen_by_witness": w.by_witness}
                        for w in each.differed
                    ],
                }
                for each in self.witnessed
            ],
        }


def watched_by(channel: Channel, assigned: Mapping[str, Assignment], witnessed: Sequence[Witnessed]) -> Watch:
    """Entries of the config name a channel by its handle or by its number."""
    keys = ((channel.handle or "").casefold(), f"#{channel.id}")
    found = next((assigned[key] for key in keys if key in assigned), None)
    return Watch(assignment=found, witnessed=tuple(witnessed))
