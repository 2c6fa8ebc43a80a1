"""What those who run it are told."""

from typing import Final

ACCOUNT_LOST: Final = "The account {name} can watch no longer"
ACCOUNT_WHY: Final = "{why}"
ACCOUNT_HINT: Final = "What to do: {hint}"
ACCOUNT_MOVED: Final = "Channels that {name} watches in its place: {n}"
ACCOUNT_UNSEEN: Final = "Channels that nobody watches now: {n}"
ACCOUNT_BACK: Final = "The account {name} watches again."
OUT_OF_REACH: Final = "Out of reach, and therefore no longer subscribed: {n}"
OUT_OF_REACH_ONE: Final = "{about}: {why}"
COMMAND_INVITES: Final = "open invite links, and revoking them"
COMMAND_REQUESTS: Final = "who waits to be let in"
COMMAND_PEOPLE: Final = "who is let in, and as what"
