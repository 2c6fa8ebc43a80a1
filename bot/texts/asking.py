"""What is answered to whoever asks."""

from typing import Final

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
COMMAND_CHANNEL: Final = "how a channel is doing: /channel @name"
COMMAND_CHART: Final = "posts against what was to be expected: /chart @name 7d"
COMMAND_CLAIMS: Final = "the latest claims of attacks, also by claimant or place"
COMMAND_SEARCH: Final = "search what was posted: /search words"
WATCHED_SINCE: Final = "Without a gap since {since} or earlier."
ONLY_SINCE: Final = "{who}: without a gap only since {since}"
GAP_OF: Final = "{who}: out of our sight since {since}, {cause}"
GAPS: Final = {
    "our_stop": "our collector was not running",
    "link": "our link to Telegram is down",
    "flood": "Telegram makes us wait",
    "account": "our account was logged out or banned",
    "disk": "nothing can be written to our disk",
    "unknown": "we do not know why",
}
#: A channel's profile.
WHICH_CHANNEL: Final = "Which channel? Say /channel @name."
WHICH_CHART: Final = "Of which channel? Say /chart @name 7d."
NO_CHANNEL: Final = "I watch no channel called {name}."
STANDS: Final = "Status: {status}."
GROUP_AND_COUNTRY: Final = "{group}, {country}"
SEEN_SINCE: Final = "Watched without a gap since {since}, up to {until}."
NEVER_WATCHED: Final = "It has not been watched yet."
BLIND_TO_IT: Final = "Out of our sight since {since}: {cause}."
RHYTHM_RIPE: Final = "Its rhythm is known: it is judged by it alone."
RHYTHM_BY_DAYS: Final = "Its rhythm is known to {part}%: {n} of {all} days watched."
RHYTHM_BY_POSTS: Final = "Its rhythm is known to {part}%: {n} of {all} posts read."
RHYTHM_UNKNOWN: Final = "Its rhythm is not known yet: nothing can be said about what is normal."
TODAY: Final = "Today so far {observed}, where {expected} were to be expected: usually {lower} to {upper}."
TODAY_PARTLY: Final = (
    "Today so far {observed} in the {watched} that we watched, where {expected} were to be expected: usually "
    "{lower} to {upper}."
)
TODAY_UNSEEN: Final = "Of today nothing was watched."
A_DAY: Final = "Usually about {n} a day."
NEWS_AT: Final = "Without another post, its silence is news from {at} on."
LAST_POST_NONE: Final = "No post of it is known."
OPEN_EPISODES: Final = "Going on:"
#: Charts.
BAD_SPAN: Final = "{span} is no span of time that I can draw: say 2h to 90d, like /chart {name} 7d."
NOTHING_TO_DRAW: Final = "There is nothing to draw of {who} yet: nothing was read."
CHART_OF: Final = "{who}: the last {span}"
CHART_PROFILE_WEEK: Final = "The last 7 days"
CHART_PROFILE_TODAY: Final = "Today by the hour"
SPAN_BUTTON: Final = ("{n} day", "{n} days")
#: Claims.
CLAIMS_LATEST: Final = "Latest claims and reports of attacks"
CLAIMS_OF: Final = "Claims by {claimant}"
CLAIMS_AT: Final = "Claims about {place}"
CLAIMS_NONE: Final = "No claim of an attack is known yet."
CLAIMS_NONE_OF: Final = "No claim that still stands is known of {name}."
CLAIMS_UNKNOWN: Final = "I know neither a claimant nor a place called {name}."
CLAIMS_BY_CLAIMANT: Final = "Who claimed attacks in the last 30 days:"
CLAIMS_BY_PLACE: Final = "Which places were named in the last 30 days:"
CLAIMS_NOT_READ: Final = "No post was read yet, so that no claim is known."
CLAIMS_LATEST_BUTTON: Final = "Latest"
CLAIMANTS_BUTTON: Final = "By claimant"
PLACES_BUTTON: Final = "By place"
CLAIMED_BY: Final = "{at}: {claimant}"
CLAIMED_BY_NOBODY: Final = "{at}: no claimant named"
CLAIMED_WHERE: Final = "where: {place}"
CLAIMED_WITH: Final = "with: {weapons}"
CLAIMED_AGAINST: Final = "against: {target}"
CLAIMED_ON: Final = "day of the act: {day}"
CLAIMED_IN: Final = "in {channel}"
CLAIM_KINDS: Final = {
    "responsibility": "claimed",
    "attack_report": "reported",
    "casualty": "casualties reported",
    "tally": "number of operations claimed",
}
QUOTED: Final = "“{words}”"
#: Search.
SEARCH_WHAT: Final = "What shall I search for? Say /search words."
SEARCH_NOT_HERE: Final = "Search is not part of this installation."
SEARCH_RESULTS: Final = "Found for {words}"
SEARCH_NOTHING: Final = "Nothing was found for {words}."
SEARCH_BAD: Final = "I cannot search for that: {why}."
SEARCH_HINT: Final = "Try this: {hint}."
SEARCH_NOT_YET: Final = "Posts not searchable yet: {n}."
SEARCH_GONE: Final = "deleted since"
SEARCH_ASK_AGAIN: Final = "That button has had its day: search again."
PAGE: Final = "Page {n}"
MORE_BUTTON: Final = "More »"
INLINE_TITLE: Final = "{channel}, {at}"
