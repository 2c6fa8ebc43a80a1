"""What befell a channel."""

from typing import Final

BEFELL_BANNED: Final = "Banned"
BEFELL_PRIVATE: Final = "Turned private"
BEFELL_DELETED: Final = "Deleted"
BEFELL_RESTRICTED: Final = "Restricted by Telegram"
BEFELL_HIDDEN: Final = "Shows no posts any more"
BEFELL_UNRESOLVED: Final = "Handle leads nowhere"
BEFELL_GONE: Final = "Can no longer be read"
BEFELL_RENAMED: Final = "Renamed"
BEFELL_HANDLE_CHANGED: Final = "New handle"
BEFELL_HANDLE_DROPPED: Final = "Handle given up"
BEFELL_HANDLE_TAKEN: Final = "Handle taken by another channel"
BEFELL_MARKED: Final = "What Telegram says against it has changed"
BEFELL_MIGRATED: Final = "Made into a group"
BEFELL_JUMPED: Final = "Audience jumped"
BEFELL_FELL: Final = "Audience fell"
BEFELL_PURGED: Final = "Posts deleted in bulk"
BEFELL_CANDIDATE: Final = "Another channel may be taking over"
BEFELL_BACK: Final = "Can be read again"
BEFELL_FOUND: Final = "Found"
BEFELL_PAUSED: Final = "Watching is paused"
BEFELL_RETIRED: Final = "No longer watched"
BEFELL: Final = "Changed"
WAS_NOW: Final = "It was {before} and is now {after}."
WAS: Final = "It was {before}."
IS_NOW: Final = "It is now {after}."
#: What has changed, where it is no matter of before and now.
TOLD: Final = {
    "handle_dropped": "It went by @{before} and has no @name any more.",
    "handle_taken": "@{before} now leads to another channel, number {after}.",
    "marked": "Before: {before}. Now: {after}.",
    "migrated": "It was {before} and is {after} now.",
    "audience_jumped": "From {before} to {after}.",
    "audience_fell": "From {before} to {after}.",
    "purged": "{after} are gone.",
    "candidate": "Perhaps it goes on as {after}.",
}
NOTHING: Final = "nothing"
#: What it means for whoever reads this in the middle of the night.
MEANS: Final = {
    "renamed": "It is the same channel: we watch it by its number.",
    "handle_changed": "It is the same channel: we watch it by its number. Its old links lead nowhere.",
    "handle_dropped": "It is the same channel: we watch it by its number.",
    "handle_taken": "Who follows the @name reads somebody else. We keep to the channel that was meant.",
    "marked": "We go on watching it.",
    "migrated": "What appears in it may come from its members.",
    "audience_jumped": "Bought members, or something that drew many: look at its last posts.",
    "audience_fell": "Members removed by Telegram or leaving for elsewhere: look at its last posts.",
    "purged": "The archive keeps what they said.",
    "candidate": "A guess; what speaks for it is below. It is watched once somebody taps the button.",
    "banned": "It is there for others. That it says nothing to us is no silence.",
    "private": "Whether it goes on posting cannot be seen. That is no silence.",
    "deleted": "There is no such channel any more. That is no silence.",
    "restricted": "Telegram shows it to nobody, or not in our account's country. That is no silence.",
    "hidden": "Its history was hidden, or all of it was deleted. That is no silence.",
    "unresolved": "Renamed, private or gone: from here it cannot be told. That is no silence.",
}
