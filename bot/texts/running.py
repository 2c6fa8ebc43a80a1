"""What those who run it say and are told: channels, thresholds, health, and the record of changes."""

from typing import Final

COMMAND_CHANNELS: Final = "what is watched; add, pause, retire: /channels add @name"
COMMAND_THRESHOLDS: Final = "how many false alarms are accepted, and what that means: /thresholds @name"
COMMAND_HEALTH: Final = "whether every part is at its work"
COMMAND_AUDIT: Final = "who changed what, and taking it back"

CHANNELS: Final = "Channels ({n}):"
CHANNELS_NONE: Final = "No channel is known yet. Add one: /channels add @name"
CHANNELS_HOW: Final = (
    "To add one: /channels add @name, with group=NAME, zone=Asia/Baghdad, country=IQ or web after it where "
    "that is so. To stop watching one for a time or for good, and to go on: /channels pause @name, "
    "/channels retire @name, /channels resume @name."
)
CHANNELS_BAD: Final = "I do not understand {words} there."
CHANNEL_BAD_HANDLE: Final = "{words} is no handle: write it as @name."
CHANNEL_BAD_ZONE: Final = "{words} is no time zone: write it like Asia/Baghdad."
CHANNEL_BAD_COUNTRY: Final = "{words} is no country: write two letters, as IQ, IR or LB."
CHANNEL_UNKNOWN: Final = "I know no channel called {name}."
CHANNEL_CARD: Final = "{name}, number {id}: {status}."
CHANNEL_GROUP: Final = "Group: {group}."
CHANNEL_ASKED: Final = "{name}: asked for by {by}, taken up within minutes"
CHANNEL_FAILED: Final = "{name}: cannot be watched: {why}"
CHANNEL_NOWHERE: Final = "{name}: leads nowhere: {why}"
CHANNEL_WILL_BE: Final = {
    "watched": "{name} is watched within minutes.",
    "paused": "Watching {name} is paused within minutes. That is told to nobody as a silence.",
    "retired": "{name} is retired within minutes: nobody looks any more. What it said is kept.",
}
CHANNEL_IS_ALREADY: Final = "That is so already."
PAUSE_BUTTON: Final = "Pause"
RESUME_BUTTON: Final = "Resume"
RETIRE_BUTTON: Final = "Retire"
RETIRE_SURELY_BUTTON: Final = "Retire {name}: yes, surely"

THRESHOLDS: Final = "Whose threshold? What is set is how many false alarms a month are accepted."
THRESHOLDS_HOW: Final = "By words: /thresholds @name, /thresholds @name topic:NAME, /thresholds @name 0.5"
THRESHOLDS_NO_READINGS: Final = (
    "Nothing of {name} has been read yet, so there is no past to weigh a threshold on."
)
THRESHOLDS_BAD_BUDGET: Final = "{words} is no threshold: it is above 0 and at most 30 false alarms a month."
THRESHOLDS_RECKONING: Final = (
    "Reckoning what each threshold of {name} would have said over the last 90 days …"
)
THRESHOLDS_BUSY: Final = "Another threshold is being reckoned; this comes after it."
THRESHOLD_TITLE: Final = "{name}"
THRESHOLD_STRAND: Final = "{topic} in {name}"
THRESHOLD_NOW: Final = "False alarms a month that are accepted now: {budget}."
THRESHOLD_SPAN: Final = "Replayed over {judged} that were watched of the last 90 days."
THRESHOLD_ROW: Final = (
    "{budget}: would have told {n}, of them false {rate} a month; a silence after {soonest} to {latest}"
)
THRESHOLD_ROW_NO_RATE: Final = "{budget}: would have told {n}; a silence after {soonest} to {latest}"
THRESHOLD_ROW_NEVER: Final = "{budget}: would have told {n}; of a silence never"
THRESHOLD_ROW_REFUSED: Final = "{budget}: of no use: {why}"
THRESHOLD_WHICH: Final = "Tap one to see what it would have said, and to keep it."
THRESHOLD_IF: Final = "{name}: with {budget} false alarms a month accepted"
THRESHOLD_KINDS: Final = "That is for each of: {kinds}."
THRESHOLD_NOMINAL: Final = "To be expected by it: {n} false alarms a month, all kinds together."
THRESHOLD_REPLAYED: Final = "By the replay: {n} told in {judged}, {rate} a month that nobody confirmed."
THRESHOLD_REPLAYED_LITTLE: Final = "By the replay: {n} told in {judged}; too little time for a rate."
THRESHOLD_REACH: Final = "A silence would be told after {soonest} at the soonest and {latest} at the latest."
THRESHOLD_REACH_NEVER: Final = "A silence would be told after {soonest} at the soonest; at some hours never."
THRESHOLD_SAID: Final = "It would have said:"
THRESHOLD_SAID_NOTHING: Final = "It would have said nothing."
THRESHOLD_LINE: Final = "{at} {kind}, lasted {lasted}: {cause}"
THRESHOLD_LINE_LASTS: Final = "{at} {kind}, lasts: {cause}"
THRESHOLD_REFUSED: Final = "It cannot be kept: {why}."
THRESHOLD_WHY: Final = {
    "unripe": "nothing can fire yet, for too little of it has been watched",
    "no_habit": "it can never fire, for the topic is no habit of the channel",
    "daily": "it would fire almost daily",
    "never": "it can never fire: a silence would have to last for weeks",
}
THRESHOLD_NEVER: Final = "never"
SAVE_BUTTON: Final = "Keep {budget}"
DEFAULT_BUTTON: Final = "As config.toml says"
CHANNEL_ITSELF_BUTTON: Final = "The channel itself"
THRESHOLD_SAVED: Final = "Kept: {name}, {budget} false alarms a month. It counts from now on."
THRESHOLD_BACK: Final = "{name} goes by config.toml again, from now on."
THRESHOLD_SAME: Final = "That is so already."
TOPIC_EVERYWHERE: Final = "A topic's threshold holds for it in every channel."

HEALTH: Final = "Health at {at}"
HEALTH_WELL: Final = "✓ {what}"
HEALTH_NOTE: Final = "! {what}"
HEALTH_WRONG: Final = "✗ {what}"
HEALTH_ACCOUNT: Final = "account {name}: {state}, {ago} ago"
HEALTH_ACCOUNT_WHY: Final = "account {name}: {state}, {ago} ago: {why}"
HEALTH_NO_ACCOUNT: Final = "no collector has ever run here"
HEALTH_ENGINE: Final = "alerts: decided up to {ago} ago"
HEALTH_LEARNING: Final = "alerts: learning what is usual of the channels, {part} done, about {left} left"
HEALTH_NO_ENGINE: Final = "alerts: has not begun"
HEALTH_READER: Final = "reader: alive {ago} ago"
HEALTH_NO_READER: Final = "reader: no sign of life"
HEALTH_JOBS: Final = "jobs: alive {ago} ago"
HEALTH_NO_JOBS: Final = "jobs: no sign of life"
HEALTH_BACKUP: Final = "last backup {ago} ago"
HEALTH_DAMAGED: Final = "the archive is damaged, found {ago} ago; restore a backup"
HEALTH_NO_BACKUP: Final = "no backup was made yet, asked for {ago} ago"
HEALTH_BOT: Final = "bot: what people say was last fetched {ago} ago"
HEALTH_SEEN: Final = "watch: {n} of {all} channels are seen up to now"
HEALTH_BEHIND: Final = "watch: not seen of late: {names}"
HEALTH_OUTBOX: Final = "outbox: {n} on their way, the oldest for {ago}"
HEALTH_OUTBOX_EMPTY: Final = "outbox: nothing is on its way"
HEALTH_HELD: Final = "outbox: {n} held back by what chats want to hear"
HEALTH_REQUESTS: Final = "waiting to be let in: {n}"
HEALTH_WANTS: Final = "{name} cannot be watched: {why}"

AUDIT: Final = "Changes, the newest first:"
AUDIT_NONE: Final = "Nothing has been changed yet."
AUDIT_ATTEMPTS_BUTTON: Final = "With attempts"
AUDIT_CHANGES_BUTTON: Final = "Without attempts"
AUDIT_LINE: Final = "#{id} {at} {name}: {what}"
AUDIT_UNDOES: Final = "#{id} {at} {name} took back #{undoes}: {what}"
AUDIT_WAS_UNDONE: Final = "{line} (taken back)"
AUDIT_BY_CONFIG: Final = "config.toml"
UNDO_BUTTON: Final = "↩ Take back #{id}"
UNDONE: Final = "Taken back: #{id}."
UNDO_ALREADY: Final = "#{id} was taken back already."
UNDO_CHANGED_SINCE: Final = "It has been changed since, by {name} (#{id}): take that back first."
UNDO_NOT_YOURS: Final = "Who may enter is the owner's to settle."
UNDO_IMPOSSIBLE: Final = "That cannot be taken back: {why}"
UNDO_INVITE_OVER: Final = "the link was used or has expired"
UNDO_OWNER: Final = "who is an owner stands in config.toml"
UNDO_NO_SUCH: Final = "There is no such change."
NOTHING: Final = "nothing"
WHAT_ACCESS: Final = "access of {who}: {old} → {new}"
WHAT_INVITE: Final = "invite link for one {role}: {old} → {new}"
WHAT_REQUEST: Final = "request of {who}: {old} → {new}"
WHAT_WATCH: Final = "{who}: {old} → {new}"
WHAT_BUDGET: Final = "threshold of {who}: {old} → {new}"
WHAT_ATTEMPT: Final = "was refused {said}: {why}"
NO_ACCESS: Final = "none"
OPEN: Final = "open"
CLOSED: Final = "closed"
BY_CONFIG: Final = "as config.toml says"
STATES: Final = {
    "waiting": "waiting",
    "approved": "let in",
    "refused": "refused",
    "watched": "watched",
    "paused": "paused",
    "retired": "retired",
}
