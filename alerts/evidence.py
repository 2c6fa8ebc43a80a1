"""What verdicts and ends of episodes are told in: templates, by which translations know them.

English here; `domain.sentence.Sentence` fills them, and the bot says them in each reader's language and zone.
"""

from typing import Final

# -- what we could see
WATCHED: Final = "We watched {name} without a break from {start} to {end} ({span})."
WATCHED_SOME: Final = "We watched {n} of {all} without a break from {start} to {end}."
WATCHED_SINCE: Final = "We watched {name} without a break since {since}."
WATCHED_PARTLY: Final = "We watched {name} for {watched} of the {span} since {since}; only these count."
NOT_SEEN: Final = "We could not see {name} from {start} to {end}: it may have posted."
THE_CHANNELS_OF: Final = "the channels of {group}"
OUT_OF_SIGHT: Final = "Out of our sight: {names}."
READ_LATE: Final = "The post was read late."
IT_WAS_READ_LATE: Final = "It was read late."

# -- the channel
GONE: Final = "{name} can no longer be read: it is {status}."
STATUSES: Final = {
    "open": "open",
    "private": "private",
    "banned": "banned",
    "deleted": "deleted",
    "restricted": "restricted",
    "hidden": "hidden",
    "unresolved": "unresolved",
    "paused": "paused",
    "retired": "retired",
}
THERE: Final = "{name} is there and can be read."
ANNOUNCED: Final = "{name} announced it on {at}: “{words}”."
ANNOUNCED_UNTIL: Final = (
    "{name} announced on {at} that it would pause (“{words}”); by these words that was over by {until}."
)
ANNOUNCED_LONG_AGO: Final = (
    "{name} announced it on {at} (“{words}”), without saying until when; since {until} that explains its "
    "silence no more."
)
TELEGRAM_SAID: Final = "Telegram said: {words}"

# -- the others
NAMES_AND_MORE: Final = "{names} and {n} more"
TOPIC_ENDED: Final = (
    "{quiet} of {n} other channels that have it by habit dropped it too, and post about other things: "
    "{names}. Its event may be over."
)
EVERYONE: Final = (
    "Channels that have nothing to do with it are quiet too, {quiet} of {n}: {expected} posts were to be "
    "expected of {names}. This looks like Telegram or our own line."
)
EVERYONE_AT_ONCE: Final = (
    "{quiet} of {n} channels are quiet at once since {since}: {expected} posts were to be expected of "
    "{names}."
)
NOTHING_IN_COMMON: Final = (
    "They have nothing to do with each other. This looks like Telegram or our own line."
)
ONE_COUNTRY: Final = (
    "All of them are made in {country}: whether its internet is cut off, or whether it is Telegram or our"
    " own line, cannot be told from them."
)
COUNTRY_QUIET: Final = "{quiet} of {n} channels made in {country} are quiet at once, whatever their group."
ELSEWHERE_WENT_ON: Final = "{on} of {n} channels made elsewhere went on."
ELSEWHERE_ONE_WENT_ON: Final = "The only channel made elsewhere went on."
ELSEWHERE_ONE_QUIET: Final = "The only channel made elsewhere is quiet too."
LIKE_ITS_INTERNET: Final = "This looks like the country's internet, or Telegram in it, and not like an order."
OTHERS_WENT_ON: Final = "{on} of {n} other channels went on."
OTHERS_ONE_WENT_ON: Final = "The only other channel went on."
OTHERS_ONE_QUIET: Final = "The only other channel is quiet too."
COUNTRY_ONE_AS_WELL: Final = "Of its country {country}, {names} is quiet as well."
COUNTRY_AS_WELL: Final = "Of its country {country}, {names} are quiet as well."
GROUP_QUIET: Final = "{quiet} of {n} channels of its group are quiet together: {names} as well."
NO_OTHERS: Final = "No other channels are watched that could show whether it is our own line."
GROUP_WENT_ON: Final = "{on} of {n} other channels of its group went on."
GROUP_ONE_WENT_ON: Final = "The only other channel of its group went on."
GROUP_ONE_QUIET: Final = "The only other channel of its group is quiet too."
GROUP_ALIKE: Final = "{alike} of {n} other channels of its group do the same."
GROUP_ONE_ALIKE: Final = "The only other channel of its group does the same."
GROUP_ONE_OTHERWISE: Final = "The only other channel of its group does not do the same."
MISSED: Final = "{name}: last post {at}, {n} missed."
REPORTED: Final = "{source} reports an outage of {country} since {since}."
REPORTED_IN: Final = "{source} reports an outage of {country} since {since} ({what})."

# -- what is over, and a drop that began in it goes on
OUTLIVED_EVERYONE: Final = (
    "It began while all channels were quiet, until {end}, and goes on: since then {n} of {expected} posts "
    "came that were to be expected."
)
OUTLIVED_COUNTRY: Final = (
    "It began while the channels made in {country} were quiet, until {end}, and goes on: since then {n} of "
    "{expected} posts came that were to be expected."
)
OUTLIVED_GROUP: Final = (
    "It began while its group {group} was silent, until {end}, and goes on: since then {n} of {expected} "
    "posts came that were to be expected."
)
OUTLIVED_PAUSE: Final = (
    "It began in a pause that it had announced, which was over by {end}, and goes on: since then {n} of "
    "{expected} posts came that were to be expected."
)

# -- signs that somebody is there
EDITED_ONE: Final = "It is not left alone: meanwhile one of its posts was edited, at {at}."
EDITED_SOME: Final = "It is not left alone: meanwhile {n} of its posts were edited, the last at {at}."

# -- topics and claimants
WENT_ON_TOPIC: Final = "{name} posted {n} times meanwhile, none of them about {topic}."
WENT_ON_TOPIC_ONCE: Final = "{name} posted once meanwhile, and not about {topic}."
WENT_ON_CLAIMANT_ONCE: Final = "{name} posted once meanwhile, and that was no claim by {claimant}."
WENT_ON_CLAIMANT: Final = "{name} posted {n} times meanwhile, none of them a claim by {claimant}."
NOR_TOPIC: Final = "Nothing about {topic} either since {since}."
NOR_CLAIMANT: Final = "No claim by {claimant} either since {since}."

# -- the time of the year
SEASON: Final = "It falls into {season}, when {ordinary} is ordinary."
SEASON_LESS: Final = "down to {part}% of the usual"
SEASON_MORE: Final = "up to {times} times the usual"
SEASON_LATER: Final = "the day's rhythm {n} h later"
BOTH: Final = "{one}, {other}"

# -- what the outside sees
PREVIEW_NO_MORE: Final = "The public preview, asked at {at}, shows no newer post of {name} either."
PREVIEW_NO_MORE_OF_SOME: Final = (
    "The public preview, asked at {at}, shows no newer post of {n} of them either."
)
PREVIEW_NO_MORE_OF_ONE: Final = (
    "The public preview, asked at {at}, shows no newer post of one of them either."
)
PREVIEW_NOT_SHOWN: Final = "The public preview shows no posts of {name} to anybody: {why}."
PREVIEW_UNKNOWN: Final = "The public preview could not be asked: {why}."
PREVIEW_ONE: Final = (
    "The public preview showed a post of {name} at {at} that we had not been given ({which}): it posts, "
    "and it is we who do not see it."
)
PREVIEW_SOME: Final = (
    "The public preview showed {n} posts of {name} at {at} that we had not been given ({which}): it "
    "posts, and it is we who do not see it."
)

# -- how it ended
REVISED: Final = "Revised: {what}"
RHYTHM_AGAIN: Final = "It posts in its rhythm again: {n} posts since {since}, after {span} of silence."
RHYTHM_AGAIN_SHORT: Final = "It posts in its rhythm again."
AS_USUAL_AGAIN: Final = "It posts about as much as usual again, after {span}."
FELL_SILENT: Final = "It fell silent altogether meanwhile."
TAKEN_FOR_RHYTHM: Final = "It has gone on for {span} and is taken for the channel's rhythm from now on."
CALM: Final = "It has been as usual for {span}, after it had begun {n} times since {since}."
NORMAL: Final = "People take it for the new normal."
BACK_ON_IT: Final = "It is back: {n} posts since {since}, after {span} without one."
HAS_IT_AGAIN: Final = "{name} has it again: {n} posts since {since}."
GROUP_BACK: Final = "{n} of {all} post in their rhythm again, since {since}."
NOT_BACK_YET: Final = "Not back yet: {names}."
COMES_AGAIN: Final = "Posts come again as usual since {since}, of {n} channels together."
NONE_PASSED_OVER: Final = "No post numbers were passed over: nothing was posted meanwhile."
ITSELF_GONE: Final = "The channel itself is gone."
ITSELF_GONE_AS: Final = "The channel itself is gone: {how}."
HOW_GONE: Final = {
    "private": "it has turned private, or removed us",
    "banned": "our account may not read it any more",
    "deleted": "it was deleted",
    "restricted": "Telegram hides it",
    "hidden": "it is there, and shows no posts to us",
    "unresolved": "its handle leads nowhere",
    "paused": "we have paused watching it",
    "retired": "we stopped watching it",
}
READ_AGAIN: Final = "{name} can be read again."
READ_AGAIN_AS: Final = "{name} can be read again ({words})."
BLIND_OVER: Final = "Blind from {start} to {end}."
ALL_READ_SINCE: Final = "What was posted meanwhile has been read since; only edits and deletions may be lost."
NOT_READ_YET: Final = "What was posted meanwhile has not been read yet; that time stays unknown until it is."
READ_BUT_FOR: Final = "What was posted meanwhile has been read but for {n} channels."
KNOWN_NOW: Final = "Known of it now: {n} posts."
BY_NUMBERS: Final = "By their numbers, about {n} more were posted."

# -- what was told and was not so
NUMBERS_WENT_ON: Final = (
    "Its post numbers went on by about {n} while it seemed silent: it did post, and that did not reach us."
)
THEIR_NUMBERS_WENT_ON: Final = (
    "Their post numbers went on by about {n} meanwhile, where {expected} posts were to be expected: they "
    "did post, and it did not reach us."
)
CAME_TO_LIGHT: Final = "Revised: a post of {at} came to light afterwards, so there was no such silence."
CAME_TO_LIGHT_ON_IT: Final = "Revised: a post of {at} about it came to light afterwards."
CAME_TO_LIGHT_OF: Final = "Revised: a post of {name} of {at} came to light afterwards."
NO_PART_OF_IT: Final = "A post of {name} of {at} came to light afterwards: it is no part of the silence."
BEGAN_LATER: Final = "A post of {at} came to light afterwards: the silence is counted from there."
READ_SINCE: Final = (
    "Posts of that time have been read since, one of {at} among them: there was no such silence. We could"
    " not see them then."
)
READ_SINCE_OF: Final = (
    "Posts of that time have been read since, of {n} of {all} channels: they did post, and we could not "
    "see it then."
)
