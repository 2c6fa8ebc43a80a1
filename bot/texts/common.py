"""Words that are said in more than one place."""

from typing import Final

EVERYTHING: Final = "everything"
GROUP_NAMED: Final = "group {group}"
COUNTRY_NAMED: Final = "the channels of {country}"
NO_LONGER_THERE: Final = "channel {id} (no longer watched)"
AND_MORE: Final = "and {n} more"
#: Of a post whose words retention removed.
REMOVED: Final = "(removed)"
ARCHIVE_PAGE: Final = "archive page"
#: Spans of time, by their two largest units, as they are said after "for", "since" and "after".
DAYS: Final = ("{n} d", "{n} d")
HOURS: Final = ("{n} h", "{n} h")
MINUTES: Final = ("{n} min", "{n} min")
SECONDS: Final = ("{n} s", "{n} s")
SPAN_OF_TWO: Final = "{one} {other}"
#: Between names.
COMMA: Final = ", "
#: Of a zone, in languages that call it by its city.
TIME_OF: Final = "{city} time"
POSTS: Final = ("{n} post", "{n} posts")
EPISODE: Final = "Episode {id}"
SIMULATION: Final = "SIMULATION"
CAUSES: Final = {
    "unexplained": "unexplained",
    "network_quiet": "the channels of one group are quiet together",
    "everyone_quiet": "every channel we watch is quiet at once",
    "country_cut": "the channels of one country are cut off together, and those elsewhere are not",
    "announced": "it was announced",
    "topic_ended": "every channel dropped it: its event seems to be over",
    "collector_down": "our collector was not running",
    "link_down": "our link to Telegram was down",
    "account_lost": "our account was logged out or banned",
    "not_watched": "we were not watching",
    "channel_gone": "the channel can no longer be read",
}
STATUSES: Final = {
    "open": "can be read",
    "private": "turned private, or removed us",
    "banned": "banned: our account may not read it",
    "deleted": "deleted",
    "restricted": "restricted by Telegram",
    "hidden": "shows no posts any more",
    "unresolved": "its handle leads nowhere",
    "paused": "paused: nobody looks at the moment",
    "retired": "no longer watched",
}
KINDS: Final = {
    "silence": "silence",
    "drop": "far fewer posts than usual",
    "surge": "far more posts than usual",
    "blind": "out of our sight",
    "channel": "changed",
    "claim": "claim of an attack",
    "test": "test",
}
ROLES: Final = {"guest": "guest", "analyst": "analyst", "ops": "ops", "owner": "owner"}
#: From the least to the most improbable; the number is the largest probability that is called so.
IMPROBABLE: Final = (
    (1.0, "not unusual"),
    (0.05, "unusual"),
    (0.01, "rare"),
    (0.001, "very rare"),
    (0.0001, "next to impossible"),
)
BACK: Final = "« Back"
