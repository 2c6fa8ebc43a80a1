"""Words for what the archive keeps as a code, as catalogues know them."""

from typing import Final

from domain.claim import UNKNOWN_GROUP

STATES: Final = {
    "silence": "Silent",
    "drop": "Dropping",
    "surge": "Surging",
    "blind": "Out of our sight",
    "gone": "Cannot be read",
    "topic": "A topic is quiet",
    "learning": "Rhythm not known yet",
    "usual": "As usual",
}
STATUSES: Final = {
    "open": "open",
    "private": "private",
    "banned": "our account is banned from it",
    "deleted": "deleted",
    "restricted": "hidden by Telegram",
    "hidden": "shows no posts",
    "unresolved": "its handle leads nowhere",
    "retired": "no longer watched",
}
KINDS: Final = {
    "silence": "Silence",
    "drop": "Drop",
    "surge": "Surge",
    "blind": "Our own blindness",
    "channel": "Change of a channel",
    "claim": "Claim",
    "test": "Test alert",
}
RULINGS: Final = {
    "confirmed": "theirs: nothing explains it",
    "explained": "explained",
    "blind": "ours: we could not see",
}
CAUSES: Final = {
    "unexplained": "no other cause known",
    "network_quiet": "several channels of the group together",
    "everyone_quiet": "every channel we watch",
    "country_cut": "the channels of one country",
    "announced": "it was announced",
    "topic_ended": "the topic ended everywhere",
    "collector_down": "our collector was down",
    "link_down": "no way to Telegram",
    "account_lost": "our account was lost",
    "not_watched": "not watched",
    "channel_gone": "the channel is gone",
}
EPISODE_STATES: Final = {"pending": "not told yet", "open": "open", "closed": "over"}
MOVES: Final = {
    "found": "found",
    "dismissed": "dismissed before it was told",
    "opened": "told",
    "grew": "grew",
    "escalated": "graver than when it was told",
    "reopened": "began once more",
    "closed": "over",
}
SAYS: Final = {
    "confirmed": "Confirmed: it happened",
    "wrong": "Wrong: a false alarm",
    "unknown": "Unknown: nobody can say",
    "normal": "Happened, and so it will stay",
}
GAPS: Final = {
    "our_stop": "the collector was not running",
    "link": "no way to Telegram",
    "flood": "Telegram made us wait",
    "account": "the account was logged out or banned",
    "disk": "nothing could be written",
    "unknown": "cause unknown",
}
CHANGES: Final = {
    "found": "found",
    "renamed": "renamed",
    "handle_changed": "changed its handle",
    "handle_dropped": "has no handle any more",
    "handle_taken": "its former handle belongs to another channel",
    "marked": "marked by Telegram",
    "migrated": "made into a group",
    "audience_jumped": "its audience jumped",
    "audience_fell": "its audience fell",
    "purged": "posts were deleted in bulk",
    "candidate": "another channel may be taking its place",
    "gone": "can no longer be read",
    "back": "can be read again",
    "retired": "we stopped watching it",
}
CLAIM_KINDS: Final = {
    "responsibility": "claim of responsibility",
    "attack_report": "report of an attack",
    "casualty": "casualties",
    "tally": "tally of operations",
    "threat": "threat",
    "suspension": "suspension",
    "resumption": "resumption",
    "denial": "denial",
    "retraction": "retraction",
    "mourning": "mourning",
    "enemy_action": "act of the adversary",
}
PRECISIONS: Final = {
    "site": "a site",
    "town": "a town",
    "region": "a region",
    "country": "a country",
    "day": "to the day",
    "about_a_day": "one day more or less",
}
FIELDS: Final = {
    "claimant": "claimant",
    "target": "target",
    "location": "place",
    "place": "place",
    "action": "action",
    "weapon": "weapon",
    "weapons": "weapon",
    "date": "day",
    "casualties": "casualties",
    "n_operations": "operations",
    "kind": "kind",
}
ROLES: Final = {"guest": "guest", "analyst": "analyst", "ops": "ops", "owner": "owner"}
HOW: Final = {
    "live": "as it was posted",
    "polled": "found by asking",
    "backfilled": "read from the history",
    "imported": "imported from a file",
}
#: Who has no name, though somebody is meant.
NAMELESS: Final = {UNKNOWN_GROUP: "a group that is not named"}
ALL: Final = (
    STATES, STATUSES, KINDS, RULINGS, CAUSES, EPISODE_STATES, MOVES, SAYS, GAPS, CHANGES, CLAIM_KINDS,
    PRECISIONS, FIELDS, ROLES, HOW, NAMELESS,
)  # fmt: skip
