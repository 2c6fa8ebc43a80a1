"""What digests say."""

from typing import Final

AFTER_QUIET: Final = "Quiet hours are over. Meanwhile:"
DAILY: Final = "The last day"
WEEKLY: Final = "The last week"
MADE_UP: Final = "Since {since}"
LATE: Final = "Could not be delivered in time:"
HELD: Final = "Held back until now:"
GOES_ON: Final = "{what}, since {since}. It goes on ({id})."
WAS: Final = "{what}, since {since} ({id})."
ENDED: Final = "{what}: {span}, from {since} to {until} ({id})."
NOTHING: Final = "Nothing out of the ordinary."
STILL_QUIET: Final = "Still quiet: {n}."
STILL_WATCHING: Final = "Still watching: {n} of {all} channels are seen up to now."
BLIND_SINCE: Final = "Blind since {since}: no silence is told meanwhile."
