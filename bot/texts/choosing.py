"""What is said while one chooses what to be told about."""

from typing import Final

CHOOSE: Final = "Choose what you want to be told about."
NOTHING_WATCHED: Final = "No channel is watched yet. Add some to the config; they will show up here."
NOTHING_WATCHED_YET_HERE: Final = "When there are, /subscribe lists them."
SUBSCRIBED: Final = "Subscribed: {what}."
CHANGED: Final = "Changed: {what}."
ALREADY: Final = "You are subscribed to {what} already."
UNSUBSCRIBED: Final = "No longer subscribed: {what}."
WAS_NOT: Final = "You are not subscribed to {what}."
STILL_ALL: Final = "You are still subscribed to everything, which includes it."
UNKNOWN_NAME: Final = "I watch no channel or group called {name}."
UNKNOWN_TOPIC: Final = "No topic or claimant is called {name}."
NEAREST: Final = "Did you mean {names}?"
YOUR_SUBSCRIPTIONS: Final = "You are told about ({n}):"
NO_SUBSCRIPTIONS: Final = "You are subscribed to nothing: no alert will reach you. /subscribe changes that."
TAP_TO_END: Final = "Tap one to end it."
EVERYTHING_BUTTON: Final = "Everything, now and later"
GROUP_BUTTON: Final = "Group {group} ({n})"
ABOUT_TOPIC: Final = "{what}, only {topic}"
ABOUT_CLAIMANT: Final = "{what}, only claims by {claimant}"
ABOUT_KIND: Final = "{what} ({kind})"
ABOUT_LEAST: Final = "{what}, {least} or graver"
BACK_BUTTON: Final = "« Back"
NEXT_BUTTON: Final = "Next »"
SUBSCRIBE_BUTTON: Final = "Subscribe"
CHANGE_BUTTON: Final = "Change it to this"
END_BUTTON: Final = "✕ End this subscription"
BY_TOPIC_BUTTON: Final = "One topic…"
BY_CLAIMANT_BUTTON: Final = "One claimant…"
ALL_TOPICS_BUTTON: Final = "Whatever it is about"
CHOOSE_TOPIC: Final = "Which topic of {what}?"
CHOOSE_CLAIMANT: Final = "Whose claims in {what}?"
NO_TOPICS: Final = "No topic of {what} is judged."
NO_CLAIMANTS: Final = "No claimant is known in {what}."
ANY_KIND_BUTTON: Final = "All kinds"
ANY_SEVERITY_BUTTON: Final = "However slight"
KIND_BUTTONS: Final = {
    "silence": "Silence",
    "drop": "Drop",
    "surge": "Surge",
    "claim": "Claims",
    "channel": "Channel status",
}
SEVERITY_BUTTONS: Final = {"major": "Major or graver", "grave": "Only grave"}
SEVERITIES: Final = {"minor": "minor", "major": "major", "grave": "grave"}
DRAFT: Final = "You would be told of: {what}."
PREVIEW: Final = "Alerts this would have given in the last 30 days: {n} ({kinds})."
PREVIEW_NONE: Final = "In the last 30 days this would have given no alert."
PREVIEW_KIND: Final = "{kind}: {n}"
PREVIEW_PARTLY: Final = (
    "Of these 30 days only {watched} were watched and judged: what happened in the others nobody can say."
)
PREVIEW_PARTLY_MEAN: Final = (
    "Of these 30 days only {watched} were watched and judged, in the mean of {n} channels: what happened in "
    "the others nobody can say."
)
PREVIEW_UNWATCHED: Final = (
    "Nothing of it was watched and judged in the last 30 days, so nobody can say yet how often this speaks."
)
REFRESH_BUTTON: Final = "Refresh"
STATUS_BUTTON: Final = "Status"
TOO_OLD: Final = "That button has had its day; here is a new list."
WATCH_BUTTON: Final = "Watch {handle}"
WILL_BE_WATCHED: Final = "@{handle} is taken into the watch within minutes."
WATCHED_ALREADY: Final = "@{handle} is watched already."
NO_SUCH_BUTTON: Final = "That button leads nowhere any more. Try /help."
