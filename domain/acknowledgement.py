"""A person has seen an alert: taken note of it, or asked not to be rung about it for a while."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.instant import refuse_naive


class Answer(StrEnum):
    """What was said to an alert."""

    SEEN = "seen"  #: acknowledged: it need not ring again that it goes on
    SNOOZED = "snoozed"  #: not before `until`; then once more, if it still goes on
    UNTIL_CHANGE = "until_change"  #: not before something about it changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """One such answer, for one chat. The newest for an episode and chat counts; the earlier ones are kept."""

    id: int = 0  #: 0 until stored
    episode_id: int
    chat_id: int
    answer: Answer
    until: datetime | None = None  #: of a snooze
    by: str = ""  #: who, as `name (number)`
    at: datetime
    reminded_at: datetime | None = None  #: when a snooze had run out, and what came of that was settled

    def __post_init__(self) -> None:
        refuse_naive(self, "until", "at", "reminded_at")
        if self.answer is Answer.SNOOZED and self.until is None:
            raise ValueError("a snooze lasts until a time")

    def snoozes(self, now: datetime) -> bool:
        """Does it keep the phone still by the clock?"""
        return self.until is not None and now < self.until
