"""What is wrong with what somebody asks of the archive or sends to it: templates as in domain.complaint."""

from typing import Final

# -- filters
NOT_IN_ARCHIVE: Final = {
    "channel": "the archive has no channel {name}",
    "group": "the archive has no group {name}",
    "topic": "the archive has no topic {name}",
    "language": "no post is said to be in {name}",
    "claimant": "the archive has no claimant {name}",
    "place": "the archive has no place {name}",
    "weapon": "the archive has no weapon {name}",
    "kind of claim": "the archive has no kind of claim {name}",
}
DID_YOU_MEAN: Final = "did you mean {names}?"
IT_HAS: Final = "it has: {names}"
IT_HAS_NONE: Final = "it has none yet"
NO_MEDIA: Final = "there are no media {name}"
NO_ORDER: Final = "there is no order {name}"
NOT_COUNTED_BY: Final = "nothing is counted by {name}"
THERE_ARE: Final = "there are {names}"
NOTHING_BETWEEN: Final = "nothing lies between {since} and {until}"
SINCE_FIRST: Final = "since comes before until"
NOTHING_READ: Final = "no post of this archive has been read yet: it knows no language, topic or claim"
READ_THEM: Final = "read them: {command}, or leave {running} running"
YES_OR_NO: Final = "{name} is yes or no, not {words}"
NO_DAY: Final = "{words} is no day"
NO_NUMBER: Final = "{words} is no number"
WRITE_AS: Final = "write it as {example}"
NO_PLACE: Final = "{words} is no place in a search by {order}"
GIVE_NEXT: Final = "give `next` of the page before, and the same order"

# -- what is not there
NO_POST: Final = "no post {number} of {name} is held"
NEVER_THERE: Final = "it may never have been there, or came while nobody watched"
NO_EPISODE: Final = "there is no episode {number}"
NO_INCIDENT: Final = "there is no incident {number}"
NOW_LISTS: Final = "Now lists them all"
TUNE_LISTS: Final = "Tune lists them all"
EPISODES_LISTS: Final = "Episodes lists them all"
CLAIMS_LISTS: Final = "Claims lists them all"

# -- thresholds
SAY_WHY: Final = "say why"
REASON_KEPT: Final = "the reason is kept beside the threshold"
REASON_TOO_LONG: Final = "the reason has {n} characters"
AT_MOST: Final = "{n} at most"
NOT_READ: Final = "no post of this channel has been read yet"
WAIT_FOR_READER: Final = "wait until the reader has come to it"
NO_TOPIC: Final = "{name} is no topic that this channel has by habit"
OF_NO_USE: Final = "this is of no use: {why}"
CHOOSE_ANOTHER: Final = "choose another threshold"
NO_THRESHOLD: Final = "{words} is no threshold"
THRESHOLD_RANGE: Final = "it is above 0 and at most {n} false alarms a month"

# -- the way in
ROLE_TOO_LOW: Final = "this takes the role {wanted}; you are {role}"
ASK_AN_OWNER: Final = "ask an owner: {command} in the bot"
LINK_USED: Final = "this link was used before: it opens once"
LINK_TOO_OLD: Final = "this link is too old: it opened until {at}"
LINK_UNKNOWN: Final = "this link opens nothing: a part of it may be missing, or it is long over"
ANOTHER_LINK: Final = "ask for another one: {command} in the bot, or {other} where Deadair runs"
OPENS_NO_PAGES: Final = "this token opens no pages"
WHY_NO_PAGES: Final = "it may be mistyped, revoked or expired, or lack the scope `pages`"
TOO_MANY_REQUESTS: Final = "more requests than this token may make in a minute"
TOO_MANY_WRONG: Final = "too many wrong tokens, links or sign-ins from this address"
COME_BACK: Final = "come back in {span}"
FOREIGN_FORM: Final = "this form does not come from a page of ours, or you signed in again since"
OPEN_AGAIN: Final = "open the page again and send it from there"
NO_FORM: Final = "a form was expected"
SEND_FORM: Final = "send {kind}"

# -- whatever else
NOTHING_AT: Final = "there is nothing at {path}"
NOT_DONE: Final = "{method} is not done here"
CANNOT_ASK: Final = "the archive cannot be asked just now"
IN_A_WHILE: Final = "ask again in a while"
WENT_WRONG: Final = "something went wrong here"
LOG_SAYS: Final = "the log says what; please report it"
