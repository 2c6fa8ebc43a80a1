"""Every sentence the bot can say, in one place.

They are templates for `Say`, which translates, fills in and escapes: whatever is not `Html` is escaped.
"""

import gettext
from functools import lru_cache
from pathlib import Path
from typing import Final

from bot.markup import Html, html

# -- the door
STRANGER: Final = "This bot speaks only to people who were invited. Ask its owner for an invite link."
STALE_INVITE: Final = "This invite link was used or has expired. Ask whoever gave it to you for a new one."
LET_IN: Final = "Welcome, {name}. You are let in as {role}."
GROUP_LET_IN: Final = "This group is let in. Whoever of you is let in may choose what is told here."
GOODBYE: Final = (
    "Done: nothing more will be sent here, and your access has ended. A new invite link brings you back; "
    "what you had subscribed to is kept for that."
)
GOODBYE_OWNER: Final = (
    "Done: nothing more will be sent here. You are an owner in the config, so /start brings you back."
)
NOT_ALLOWED: Final = "This is for {role} and above; you are {mine}."

# -- subscribing
CHOOSE: Final = "Choose what you want to be told about. Tap again to take it back."
NOTHING_WATCHED: Final = "No channel is watched yet. Add some to the config; they will show up here."
NOTHING_WATCHED_YET_HERE: Final = "When there are, /subscribe lists them."
SUBSCRIBED: Final = "Subscribed: {what}."
ALREADY: Final = "You are subscribed to {what} already."
UNSUBSCRIBED: Final = "No longer subscribed: {what}."
WAS_NOT: Final = "You are not subscribed to {what}."
STILL_ALL: Final = "You are still subscribed to everything, which includes it."
UNKNOWN_NAME: Final = "I watch no channel or group called {name}."
NEAREST: Final = "Did you mean {names}?"
YOUR_SUBSCRIPTIONS: Final = "You are told about:"
NO_SUBSCRIPTIONS: Final = "You are subscribed to nothing: no alert will reach you. /subscribe changes that."
TAP_TO_END: Final = "Tap one to end it."
EVERYTHING: Final = "everything"
EVERYTHING_BUTTON: Final = "Everything, now and later"
GROUP_NAMED: Final = "group {group}"
COUNTRY_NAMED: Final = "the channels of {country}"
GROUP_BUTTON: Final = "Group {group} ({n})"
ABOUT_TOPIC: Final = "{what}, only {topic}"
ABOUT_CLAIMANT: Final = "{what}, only claims by {claimant}"
NO_LONGER_THERE: Final = "channel {id} (no longer watched)"
BACK_BUTTON: Final = "« Back"
NEXT_BUTTON: Final = "Next »"
SUBSCRIBE_BUTTON: Final = "Subscribe"
STATUS_BUTTON: Final = "Status"
REFRESH_BUTTON: Final = "Refresh"
TOO_OLD: Final = "That button has had its day; here is a new list."
WATCH_BUTTON: Final = "Watch {handle}"
WILL_BE_WATCHED: Final = "@{handle} is taken into the watch within minutes."
WATCHED_ALREADY: Final = "@{handle} is watched already."
NO_SUCH_BUTTON: Final = "That button leads nowhere any more. Try /help."

# -- invites
INVITE: Final = "An invite link for one {role}, good for {span}, for the first who opens it:\n{link}"
INVITE_ROLES: Final = "Whom do you want to let in? Say /invite guest, /invite analyst or /invite ops."

# -- what those who run it are told
ACCOUNT_LOST: Final = "The account {name} can watch no longer"
ACCOUNT_WHY: Final = "{why}"
ACCOUNT_HINT: Final = "What to do: {hint}"
ACCOUNT_MOVED: Final = "Channels that {name} watches in its place: {n}"
ACCOUNT_UNSEEN: Final = "Channels that nobody watches now: {n}"
ACCOUNT_BACK: Final = "The account {name} watches again."

# -- help
HELP: Final = "What you can say:"
UNKNOWN_COMMAND: Final = "I do not know that one. /help lists what I know."
COMMAND_START: Final = "begin, or come back"
COMMAND_SUBSCRIBE: Final = "choose channels or groups, or name one: /subscribe @name"
COMMAND_UNSUBSCRIBE: Final = "end a subscription"
COMMAND_SUBSCRIPTIONS: Final = "what you are told about"
COMMAND_STATUS: Final = "what is quiet, what is watched, what we cannot see"
COMMAND_INVITE: Final = "a link that lets one person in"
COMMAND_HELP: Final = "this list"
COMMAND_STOP: Final = "end your own access"

# -- status
STATUS_AT: Final = "Status at {at}"
QUIET_NOW: Final = "Quiet now"
ALL_AS_USUAL: Final = "Nothing out of the ordinary."
STATUS_SILENT: Final = "{who}: silent for {span}, since {since}"
STATUS_SILENT_TOPIC: Final = "{who}: nothing on {topic} for {span}, since {since}"
STATUS_SILENT_CLAIMANT: Final = "{who}: no claim by {claimant} for {span}, since {since}"
STATUS_OTHER: Final = "{who}: {kind} since {since}"
WATCHED: Final = "Watched"
WATCHED_UNTIL: Final = "{n} of {all} channels are seen up to {at}."
WATCHED_NONE: Final = "No channel is being seen at the moment."
BEHIND: Final = "{who}: seen only up to {at}"
NEVER_SEEN: Final = "{who}: not seen yet"
BLIND_NOW: Final = "Out of our sight"
BLIND_SINCE: Final = "We have been blind since {since}: {cause}."
NOT_READABLE: Final = "{who}: {status}"
AND_MORE: Final = "and {n} more"

# -- alerts: the headline
SILENT: Final = "Silent: {who}"
SILENT_TOPIC: Final = "Silent on {topic}: {who}"
SILENT_TOPIC_EVERYWHERE: Final = "Dropped by all {n} channels that had it: {topic}"
SILENT_CLAIMANT: Final = "No claims by {claimant}: {who}"
SILENT_GROUP: Final = "Silent together: {n} channels of {group}"
SILENT_COUNTRY: Final = "A country falls silent: {n} channels of {country}"
SILENT_MANY: Final = "Silent together: {n} channels"
DROPPED: Final = "Far less than usual: {who}"
SURGED: Final = "Far more than usual: {who}"
BLIND: Final = "Deadair cannot see"
BLIND_CHANNEL: Final = "Deadair cannot see {who}"
CHANNEL_BEFELL: Final = "{what}: {who}"
BACK: Final = "Back: {who}"
BACK_TOPIC: Final = "Back on {topic}: {who}"
BACK_TOPIC_EVERYWHERE: Final = "Posted about again: {topic}"
BACK_CLAIMANT: Final = "Claims by {claimant} again: {who}"
BACK_GROUP: Final = "Back: {group}"
BACK_COUNTRY: Final = "Back: the channels of {country}"
BACK_MANY: Final = "Back: {n} channels"
SEES_AGAIN: Final = "Deadair sees again"
SEES_CHANNEL_AGAIN: Final = "Deadair sees {who} again"
OVER: Final = "Over: {who}"
WITHDRAWN: Final = "Withdrawn: {who}"
NOT_READABLE_NOW: Final = "Can no longer be read: {who}"

# -- alerts: what befell a channel
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

# -- alerts: the account
NOTHING_FOR: Final = "No post for {span}: the last came {since}."
NOTHING_ON_TOPIC_FOR: Final = "Nothing on it for {span}: the last came {since}. The channel itself goes on."
NOTHING_ON_TOPIC_ANYWHERE: Final = "Nothing on it for {span}: the last came {since}. The channels go on."
NOTHING_TOGETHER_FOR: Final = "Together for {span}: since {since}."
NOTHING_CLAIMED_FOR: Final = (
    "No claim by {claimant} for {span}: the last came {since}. The channel itself goes on."
)
OBSERVED_EXPECTED: Final = "Expected meanwhile: {expected}. Observed: {observed}."
HOW_IMPROBABLE: Final = "That is {words}: about 1 in {number} by chance."
HOW_IMPROBABLE_BEYOND: Final = "That is {words}: less than 1 in {number} by chance."
HOW_RARE: Final = "That is {words}: by chance in about 1 of {number} stretches so long."
HOW_RARE_BEYOND: Final = "That is {words}: by chance in less than 1 of {number} stretches so long."
SINCE: Final = "Since {since}."
WAS_WITHDRAWN: Final = "The alert told since {since} is withdrawn: {cause}."
ENDED_UNREADABLE: Final = "Whether it is still silent since {since} cannot be seen: {cause}."
LASTED: Final = "Silent for {span}, from {since} to {until}."
LASTED_TOPIC: Final = "Nothing on it for {span}, from {since} to {until}."
LASTED_CLAIMANT: Final = "No claim by {claimant} for {span}, from {since} to {until}."
LASTED_BLIND: Final = "We could not see for {span}, from {since} to {until}."
LASTED_OTHER: Final = "It lasted {span}, from {since} to {until}."
BLIND_FOR: Final = "Nothing of what was posted since {since} has reached us. No silence is told meanwhile."
THEIRS: Final = "Verdict: theirs, {cause}."
EXPLAINED: Final = "Verdict: real, but {cause}."
OURS: Final = "Verdict: ours, {cause}."
MEMBER: Final = "{who}: last post {at}"
MEMBER_UNKNOWN: Final = "{who}: no post known"
LAST_POSTS: Final = "Last posts:"
FIRST_POSTS: Final = "First posts again:"
TOLD_LATE: Final = "Told {span} late."
GREW: Final = "Updated {at}."
ESCALATED: Final = "It goes on: by now {lasts} since it was told, and it is told this once more."
TIMES: Final = "It has begun {n} times since {since}; it is told as one."
EPISODE: Final = "Episode {id}"
SIMULATION: Final = "SIMULATION"
MORE_BELOW: Final = "More below."

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
    "retired": "no longer watched",
}
KINDS: Final = {
    "silence": "silence",
    "drop": "far fewer posts than usual",
    "surge": "far more posts than usual",
    "blind": "out of our sight",
    "channel": "changed",
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
POSTS_EXPECTED: Final = ("about {n} post", "about {n} posts")
POSTS_OBSERVED: Final = ("{n}", "{n}")

# -- the chart
CHART_OBSERVED: Final = "posts"
CHART_EXPECTED: Final = "expected, with its usual range"
CHART_UNKNOWN: Final = "not watched"
CHART_LAST: Final = "last post {at}"
CHART_SINCE: Final = "since {at}"
CHART_PER_HOUR: Final = "posts per hour"
CHART_PER_HOURS: Final = "posts per {n} hours"
CHART_SILENT: Final = "silent for {span}"
CHART_SILENT_TIMES: Final = "silent {n} times"
CHART_COUNT: Final = "{observed} where {expected} were expected"
CHART_BLIND: Final = "blind for {span}"
CHART_TIMES: Final = "times in {zone}"


class Say:
    """Says a template in one language, filled in and escaped."""

    def __init__(self, translations: gettext.NullTranslations | None = None) -> None:
        self._translations = translations or gettext.NullTranslations()

    def __call__(self, template: str, **values: object) -> Html:
        """As HTML."""
        words = html(self._translations.gettext(template))
        return Html(words.format(**{name: html(value) for name, value in values.items()}))

    def bare(self, template: str, **values: object) -> str:
        """As plain text: for buttons and charts."""
        return self._translations.gettext(template).format(**values)

    def many(self, templates: tuple[str, str], n: float, shown: str) -> Html:
        """With the right form for a number."""
        one, more = templates
        words = self._translations.ngettext(one, more, 1 if n == 1 else 2)
        return Html(html(words).format(n=html(shown)))


ENGLISH: Final = Say()
_CATALOGUES = Path(__file__).parent / "locales"


@lru_cache(maxsize=32)
def say_in(language: str) -> Say:
    """The voice for a language; English where its catalogue is not there."""
    return Say(gettext.translation("deadair", _CATALOGUES, languages=[language], fallback=True))
