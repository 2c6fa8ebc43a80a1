"""What is said of hushing: mutes, quiet hours, digests; of one's language and zone; and of the test."""

from typing import Final

COMMAND_MUTE: Final = "hear nothing of something for a time: /mute @name 8h why"
COMMAND_UNMUTE: Final = "end a mute before its time"
COMMAND_QUIET: Final = "quiet hours: /quiet 22:00-07:00"
COMMAND_DIGEST: Final = "a summary every day or week"
COMMAND_LANGUAGE: Final = "the language I speak here"
COMMAND_TIMEZONE: Final = "the zone in which I tell times here"
COMMAND_TEST: Final = "prove that alerts reach this chat"
MUTES: Final = "Muted here:"
MUTES_NONE: Final = "Nothing is muted here."
MUTE_HOW: Final = (
    "To mute, say what, until when, and why: /mute @name 8h – or topic:NAME, claimant:NAME, all; until a "
    "time as 45m, 8h, 2d, 18:00, 2031-03-14 or forever. What goes on is judged all the same."
)
MUTE_LINE: Final = "{what} until {until}, by {by}: {reason}"
MUTE_LINE_NO_REASON: Final = "{what} until {until}, by {by}"
MUTE_FOREVER: Final = "you end it"
MUTED: Final = "Muted: {what}, until {until}. /unmute ends it before."
MUTE_NO_TIME: Final = "Until when? Say for instance {example}."
MUTE_BAD_TIME: Final = (
    "{time} is no time within the coming year. Write it as 45m, 8h, 2d, 18:00 or 2031-03-14."
)
MUTE_ALL_BUTTON: Final = "Mute everything for {span}"
UNMUTE_BUTTON: Final = "✕ {what}"
UNMUTED: Final = "No longer muted: {what}. What was held back comes now."
UNMUTED_NONE: Final = "That mute has ended already."
QUIET_NONE: Final = "There are no quiet hours here. It is {now} ({zone})."
QUIET_ARE: Final = (
    "Quiet hours here: from {start} to {end} ({zone}; it is {now}). What comes meanwhile is judged as ever, "
    "held back, and told at {end} as one digest."
)
QUIET_LAST: Final = "They last now, until {until}."
QUIET_HOW: Final = "To set them: /quiet 22:00-07:00. To have none: /quiet off. The zone is that of /timezone."
QUIET_BAD: Final = "{hours} is no two times of a day. Write them as /quiet 22:00-07:00, or /quiet off."
QUIET_EQUAL: Final = (
    "From {hour} to {hour} would be no time, or all day: neither is meant by quiet hours. To hear nothing at "
    "all for a time, say /mute all 1d; to hear once a day only, /digest daily 8 only."
)
QUIET_BUTTON: Final = "{start} – {end}"
QUIET_OFF_BUTTON: Final = "No quiet hours"
DIGEST_NONE: Final = "There is no digest here: alerts come one by one."
DIGEST_DAILY: Final = "A digest comes here every day at {hour} ({zone}), the next one {next}."
DIGEST_WEEKLY: Final = "A digest comes here every {weekday} at {hour} ({zone}), the next one {next}."
DIGEST_BESIDE: Final = "Alerts come at once as well."
DIGEST_INSTEAD: Final = "Alerts wait for it."
DIGEST_HOW: Final = (
    "To set it: /digest daily 8, /digest weekly mon 8; with the word only at the end, alerts wait for it. "
    "/digest off: none."
)
DIGEST_BAD: Final = "I do not understand {words} there."
DIGEST_DAILY_BUTTON: Final = "Daily at {hour}"
DIGEST_WEEKLY_BUTTON: Final = "Mondays at {hour}"
DIGEST_OFF_BUTTON: Final = "No digest"
DIGEST_INSTEAD_BUTTON: Final = "Only the digest"
DIGEST_BESIDE_BUTTON: Final = "Alerts at once too"
LANGUAGE_WHICH: Final = "Which language shall I speak here?"
LANGUAGE_SET: Final = "From now on I speak English here."
LANGUAGE_UNKNOWN: Final = "I do not speak {language}. I speak {languages}."
TIMEZONE_IS: Final = "Times are told here in {zone}: it is {now}."
TIMEZONE_HOW: Final = (
    "To change it, name a city, a country, a zone or an offset: /timezone Baghdad, /timezone Asia/Tehran, "
    "/timezone +3."
)
TIMEZONE_SET: Final = "From now on times are told here in {zone}: it is {now}."
TIMEZONE_WHICH: Final = "Which one do you mean by {words}?"
TIMEZONE_UNKNOWN: Final = (
    "I know no place or zone called {words}. Name a large city near you, as Baghdad or Tehran, or an offset, "
    "as +3:30."
)
TEST_ON_ITS_WAY: Final = (
    "A test alert is on its way: through the outbox, the courier and Telegram to this chat. It should be "
    "here within seconds; if it is not, I say why."
)
TEST_HELD: Final = "Mind: a real alert would be held back now ({why})."
TEST_WOULD_BE_MUTED: Final = "everything is muted until {until}"
TEST_WOULD_BE_QUIET: Final = "quiet hours until {until}"
TEST_WOULD_WAIT: Final = "alerts wait for the digest of {until}"
TEST_NO_SUBSCRIPTION: Final = (
    "Mind: this chat is subscribed to nothing, so no real alert would come. /subscribe"
)
TEST_TOO_OFTEN: Final = "A test is under way here, or was a moment ago. Wait a minute."
TEST_ARRIVED: Final = (
    "The whole way works: the alert above was put into the outbox {asked}, taken up by the courier, and "
    "accepted by Telegram {took} later."
)
TEST_MISSING: Final = (
    "The test alert has not arrived in {span}. Where it is: {state}. What was said last: {why}. It goes on "
    "being tried; ops see it in /health."
)
TEST_STATES: Final = {
    "waiting": "in the outbox, waiting for the courier",
    "leased": "with the courier, which is sending it",
    "held": "held back by what this chat wants to hear",
    "sent": "sent",
    "dropped": "given up",
}
TEST_NOTHING_SAID: Final = "nothing"
TEST_HEADLINE: Final = "Test: alerts reach this chat"
TEST_WORDS: Final = "Nothing has happened. This alert was made by /test and has gone the way of every other."
MUTE_NO_GROUP: Final = (
    "A group of channels cannot be muted as one: mute its channels, a topic, or everything."
)
