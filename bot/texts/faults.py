"""What those who run it are told of what is wrong with Deadair itself."""

from typing import Final

#: By what was looked at, as health calls it.
TITLES: Final = {
    "channels": "No channel is seen any more",
    "reader": "Posts wait to be read",
    "indexer": "Posts wait to be found by search",
    "alerts": "Nothing is decided any more",
    "deliveries": "Alerts wait to be delivered",
    "bot": "The bot does not hear what people say",
    "jobs": "Work that is done by the clock fails",
    "config": "The config as it stands is refused",
    "archive": "The archive is damaged",
    "backup": "A backup is missing",
    "room": "Room is running out",
}
ACCOUNT: Final = "The account {name} gives no sign of life"
OTHER: Final = "Something is wrong with Deadair itself: {what}"
#: As one line among others.
LINE: Final = "{title}: {what}"
WHAT: Final = "{what}"
HINT: Final = "What to do: {hint}"
OVER: Final = "It is over: {title}"
