"""The buttons below alerts, and what is answered to whoever presses one."""

from typing import Final

ACKNOWLEDGE: Final = "Acknowledge"
SNOOZE: Final = "Snooze {n} h"
SNOOZE_UNTIL_CHANGE: Final = "Until it changes"
SHOW_POSTS: Final = "Show posts"
SHOW_CHART: Final = "Chart"
SHOW_EPISODE: Final = "Show {id}"
WRONG_ALARM: Final = "Wrong alarm"
NOT_WRONG: Final = "« Back"
#: Why an alarm was wrong, as buttons.
FAULTS: Final = {
    "blind": "It was our own blindness",
    "announced": "It had been announced",
    "holiday": "A holiday",
    "not_interesting": "True, but not interesting",
}
ACKNOWLEDGED: Final = "Acknowledged. You will be told when it ends."
ACKNOWLEDGED_BEFORE: Final = "Acknowledged already: {by}, {at}."
SNOOZED: Final = "Quiet about this until {at}, unless its state changes."
SNOOZED_UNTIL_CHANGE: Final = "Quiet about this until something about it changes."
OVER_ALREADY: Final = "It is over already, since {at}."
WRONG_NOTED: Final = (
    "Noted as a wrong alarm: {reason}. The channel's rhythm and `deadair tune` learn from it."
)
WRONG_NOTED_BEFORE: Final = "That was noted already."
WRONG_NOT_OVER: Final = "Noted as a wrong alarm: {reason}. It counts once the episode is over."
NO_SUCH_EPISODE: Final = "This chat was never told of that episode."
NOT_FOR_GUESTS: Final = "In a group this is for analysts and above."
NO_POSTS: Final = "The archive holds no posts of it."
NO_CHART: Final = "There is nothing to draw for it."
POSTS_OF: Final = "Last posts of {who}:"
