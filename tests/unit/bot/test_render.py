"""The words of an alert."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.letter import Manner, manner_of
from bot.markup import LONGEST_CAPTION, LONGEST_TEXT, length, split
from bot.payload import read_payload
from bot.render import Rendered, render
from bot.say import say_in
from bot.telling import Reader
from bot.texts import befalling
from domain.channel import ChannelChange, ChannelStatus
from domain.episode import Move, State, Subject
from domain.finding import Cause, Kind, Ruling, Verdict
from sandbox.botapi.markup import parse_html
from tests.support.alerting import HOUR, NOON, a_member, a_payload, an_alert

BAGHDAD = Reader(zone=ZoneInfo("Asia/Baghdad"))
UTC = Reader(zone=ZoneInfo("UTC"))


def told(move: Move = Move.OPENED, payload: dict[str, Any] | None = None, **changes: Any) -> str:
    document = a_payload() if payload is None else payload
    words = render(an_alert(move, **changes), read_payload(document), UTC)
    return parse_html(words.text).text.replace("\u2068", "").replace("\u2069", "")


def test_a_silence_is_told_with_everything_one_needs_to_judge_it() -> None:
    assert told() == (
        "🔇 Silent: Falcon Front\n"
        "No post for 5 h: the last came Fri 14 Mar 07:00 UTC.\n"
        "Expected meanwhile: about 9.3 posts. Observed: 0.\n"
        "That is very rare: about 1 in 4\u202f800 by chance.\n"
        "Verdict: theirs, unexplained.\n"
        "• We watched it without a break.\n"
        "Last posts:\n"
        "• 07:00 A statement.\n"
        "Episode 12"
    )


def test_of_a_drop_is_said_how_rare_so_few_posts_are_in_so_long_a_stretch() -> None:
    words = told(kind=Kind.DROP, observed=4, expected=21.0, probability=0.25 / 180)
    assert "Expected meanwhile: about 21 posts. Observed: 4." in words
    assert "That is rare: by chance in about 1 of 720 stretches so long." in words


def test_times_are_the_readers() -> None:
    words = render(an_alert(), read_payload(a_payload()), BAGHDAD)
    assert "Fri 14 Mar 10:00 UTC+3" in words.text


def test_the_last_posts_are_links() -> None:
    assert '<a href="https://t.me/falcon_front/77">07:00</a>' in render(
        an_alert(), read_payload(a_payload()), UTC
    ).text  # fmt: skip


def test_a_claimants_silence_names_the_claimant_as_people_do() -> None:
    subject = Subject(channel_id=1001, claimant="kh")
    payload = a_payload(claimant="Kataib Hezbollah")
    words = told(payload=payload, subject=subject)
    assert "No claims by Kataib Hezbollah: Falcon Front" in words
    assert "No claim by Kataib Hezbollah for" in words
    assert "The channel itself goes on." in words
    assert "No post for" not in words
    ended = told(move=Move.CLOSED, payload=payload, subject=subject)
    assert "Claims by Kataib Hezbollah again: Falcon Front" in ended
    assert "kh" not in words + ended


def test_a_topics_silence_names_the_topic_and_says_that_the_channel_goes_on() -> None:
    words = told(payload=a_payload(topic="attacks"), subject=Subject(channel_id=1001, topic="attacks"))
    assert words.startswith("🔇 Silent on attacks: Falcon Front\n")
    assert "The channel itself goes on." in words


def test_a_groups_silence_names_all_its_channels_with_their_last_posts() -> None:
    members = [
        a_member(1, "Second", NOON - 4 * HOUR),
        a_member(2, "First", NOON - 30 * HOUR),
        a_member(3, "?", None),
    ]
    words = told(
        payload=a_payload("network", channel=None, members=members, last_posts=[]),
        subject=Subject(group="network"),
        members=(1, 2, 3),
    )
    assert words.startswith("🔇 Silent together: 3 channels of network\n")
    assert "• First: last post Thu 13 Mar 06:00\n• Second: last post 08:00\n• ?: no post known\n" in words


def test_a_groups_channels_are_listed_once_and_in_the_readers_zone() -> None:
    verdict = Verdict.confirmed(
        Cause.NETWORK_QUIET, "We watched them.", "@chan_1: last post 14 Mar 07:00 UTC, 8.1 missed."
    )
    document = a_payload("network", channel=None, members=[a_member(1, "First"), a_member(2, "Second")])
    alert = an_alert(subject=Subject(group="network"), members=(1, 2), verdict=verdict)
    words = parse_html(render(alert, read_payload(document), BAGHDAD).text).text
    assert "We watched them." in words
    assert "8.1 missed" not in words
    assert words.count("last post") == 2
    assert "last post 10:00" in words


def test_blindness_is_ours_and_counts_nothing() -> None:
    words = told(
        payload={},
        kind=Kind.BLIND,
        subject=Subject(),
        verdict=Verdict.blind(Cause.LINK_DOWN, "No answer since seven."),
    )
    assert words == (
        "🙈 Deadair cannot see\n"
        "Nothing of what was posted since Fri 14 Mar 07:00 UTC has reached us. "
        "No silence is told meanwhile.\n"
        "Verdict: ours, our link to Telegram was down.\n"
        "• No answer since seven.\n"
        "Episode 12"
    )


@pytest.mark.parametrize(
    ("change", "status", "before", "after", "headline", "line"),
    [
        ("gone", "banned", "open", "banned", "Banned", "It is there for others."),
        ("gone", "private", None, None, "Turned private", "Whether it goes on posting cannot be seen."),
        ("gone", "deleted", None, None, "Deleted", "There is no such channel any more."),
        ("gone", "restricted", None, None, "Restricted by Telegram", "Telegram shows it to nobody"),
        ("gone", "hidden", None, None, "Shows no posts any more", "Its history was hidden"),
        ("gone", "unresolved", None, None, "Handle leads nowhere", "Renamed, private or gone"),
        ("renamed", "open", "Old", "New", "Renamed", "It was Old and is now New."),
        ("handle_changed", "open", "falcon", "eagle", "New handle", "It was falcon and is now eagle."),
        ("handle_dropped", "open", "falcon", None, "Handle given up", "It went by @falcon"),
        ("handle_taken", "open", "falcon", "77", "Handle taken by another channel",
         "@falcon now leads to another channel, number 77."),
        ("marked", "open", None, "scam", "What Telegram says against it has changed",
         "Before: nothing. Now: scam."),
        ("migrated", "open", "a channel", "a group", "Made into a group",
         "It was a channel and is a group now."),
        ("audience_jumped", "open", "100 members", "900 members", "Audience jumped",
         "From 100 members to 900 members."),
        ("audience_fell", "open", "900 members", "100 members", "Audience fell",
         "From 900 members to 100 members."),
        ("purged", "open", None, "120 posts", "Posts deleted in bulk", "120 posts are gone."),
        ("candidate", "open", None, "@falcon_backup", "Another channel may be taking over",
         "Perhaps it goes on as @falcon_backup."),
        (None, None, None, None, "Changed", "Since"),
    ],
)  # fmt: skip
def test_what_befell_a_channel_is_told_on_its_own_terms(
    change: str | None, status: str | None, before: str | None, after: str | None, headline: str, line: str
) -> None:
    document = a_payload(change=change, status=status, before=before, after=after)
    words = told(
        payload=document, kind=Kind.CHANNEL, verdict=Verdict.explained(Cause.CHANNEL_GONE, "Said so.")
    )
    first, second, *_ = words.splitlines()
    assert first == f"⚠️ {headline}: Falcon Front"
    assert second.startswith(line)
    assert "Silent" not in words
    assert "Expected" not in words


def test_every_way_a_channel_can_end_or_change_has_words_of_its_own() -> None:
    passing = set(ChannelChange) - {
        ChannelChange.GONE,
        ChannelChange.FOUND,
        ChannelChange.BACK,
        ChannelChange.PAUSED,  # that we do not look is told to nobody as news of the channel
        ChannelChange.RETIRED,
    }
    ends = {s for s in ChannelStatus if s is not ChannelStatus.OPEN and not s.is_unwatched}
    assert {*passing, *ends} <= set(befalling.MEANS)
    heads = [
        told(payload=a_payload(change=c, status=s), kind=Kind.CHANNEL).splitlines()[0]
        for c, s in [*((c.value, "open") for c in passing), *(("gone", s.value) for s in ends)]
    ]
    assert len(set(heads)) == len(heads)
    assert not any("Changed:" in head for head in heads)


def test_the_end_gives_the_duration_and_the_first_posts_after_it() -> None:
    posts = [
        {"id": 78, "posted_at": (NOON - 6 * HOUR).isoformat(), "text": "before"},
        {"id": 80, "posted_at": (NOON - HOUR).isoformat(), "text": "after"},
    ]
    words = told(Move.CLOSED, a_payload(last_posts=posts), ended="Three posts in its rhythm.")
    assert words == (
        "✅ Back: Falcon Front\n"
        "Silent for 5 h, from Fri 14 Mar 07:00 UTC to Fri 14 Mar 12:00 UTC.\n"
        "Three posts in its rhythm.\n"
        "What had piled up may come in a burst now: that is no surge, and is not told as one.\n"
        "First posts again:\n"
        "• 11:00 after\n"
        "Episode 12"
    )


def test_a_silence_we_could_not_have_seen_is_withdrawn_not_called_over() -> None:
    words = told(Move.CLOSED, verdict=Verdict.blind(Cause.NOT_WATCHED), ended="Posts were read late.")
    assert words.splitlines()[:2] == [
        "↩️ Withdrawn: Falcon Front",
        "The alert told since Fri 14 Mar 07:00 UTC is withdrawn: we were not watching.",
    ]
    assert "Back" not in words


@pytest.mark.parametrize(
    ("language", "of_topic", "of_all"),
    [("en", "Withdrawn: attacks", "Withdrawn: everything"), ("fa", "attacks", "همه")],
)
def test_what_is_withdrawn_of_all_channels_is_named_in_the_readers_language(
    language: str, of_topic: str, of_all: str
) -> None:
    """The data of an alert call all of them "all channels", whatever it is about."""
    reader = Reader(zone=UTC.zone, say=say_in(language))
    document = a_payload("all channels", channel=None, members=[a_member(1, "North"), a_member(2, "South")])
    for topic, words in (("attacks", of_topic), (None, of_all)):
        subject = Subject(topic=topic)
        alert = an_alert(
            Move.CLOSED, subject=subject, members=(1, 2), verdict=Verdict.blind(Cause.NOT_WATCHED)
        )
        headline = render(alert, read_payload(document | {"topic": topic}), reader).text.splitlines()[0]
        assert words in headline.replace("\u2068", "").replace("\u2069", "")
        assert "all channels" not in headline


def test_a_countrys_cut_is_told_as_one_and_not_as_an_order_of_anyone() -> None:
    cut = {
        "subject": Subject(country="IQ"),
        "members": (1, 2),
        "verdict": Verdict.explained(
            Cause.COUNTRY_CUT,
            "27 of 28 channels made in IQ are quiet at once, whatever their group.",
            "12 of 12 channels made elsewhere went on.",
            "IODA reports an outage of IQ since 14 Mar 07:10 UTC (bgp).",
        ),
    }
    payload = a_payload("IQ", channel=None, members=[a_member(1, "North"), a_member(2, "South")])
    words = told(payload=payload, **cut)
    assert words.startswith("🔇 A country falls silent: 2 channels of Iraq")
    assert "Verdict: real, but the channels of one country are cut off together" in words
    assert "• 12 of 12 channels made elsewhere went on." in words
    assert "• IODA reports an outage of IQ since 14 Mar 07:10 UTC (bgp)." in words
    assert told(Move.CLOSED, payload=payload, **cut).startswith("✅ Back: the channels of Iraq")


def test_an_announced_pause_is_told_with_the_words_that_announced_it() -> None:
    line = "@falcon announced it on 14 Mar 06:58 UTC: “we will be back soon”."
    words = told(verdict=Verdict.explained(Cause.ANNOUNCED, line))
    assert "Verdict: real, but it was announced." in words
    assert f"• {line}" in words


def test_a_topic_that_all_have_dropped_is_told_once_for_all() -> None:
    ended = {
        "subject": Subject(topic="floods"),
        "members": (1, 2),
        "verdict": Verdict.explained(Cause.TOPIC_ENDED, "1 of 1 other channels dropped it too."),
    }
    payload = a_payload("all", channel=None, topic="floods", members=[a_member(1, "A"), a_member(2, "B")])
    words = told(payload=payload, **ended)
    assert words.startswith("🔇 Dropped by all 2 channels that had it: floods")
    assert "The channels go on." in words
    assert "its event seems to be over" in words
    assert told(Move.CLOSED, payload=payload, **ended).startswith("✅ Posted about again: floods")


def test_what_was_over_and_is_revised_is_withdrawn_and_told_anew() -> None:
    why = "Posts of that time have been read since: there was no such silence."
    alert = an_alert(
        Move.GREW,
        state=State.CLOSED,
        closed_at=NOON,
        verdict=Verdict.blind(Cause.NOT_WATCHED, why),
        ended=f"Revised: {why}",
    )
    words = parse_html(render(alert, read_payload(a_payload()), UTC).text).text
    assert words.replace("\u2068", "").replace("\u2069", "").startswith("↩️ Withdrawn: Falcon Front")
    assert "there was no such silence" in words
    assert manner_of(alert) is Manner.RING
    assert manner_of(an_alert(Move.GREW)) is Manner.CHANGE


def test_a_channel_that_is_gone_is_not_back() -> None:
    words = told(Move.CLOSED, verdict=Verdict.explained(Cause.CHANNEL_GONE))
    assert words.startswith("⚠️ Can no longer be read: Falcon Front")


def test_a_simulated_run_says_so_first() -> None:
    words = render(an_alert(), read_payload({}), UTC, simulated=True)
    assert words.text.startswith("<b>SIMULATION</b>\n")
    assert words.caption.startswith("<b>SIMULATION</b>\n")


def test_what_is_told_late_says_how_late() -> None:
    assert "Told 2 h late." in render(an_alert(), read_payload({}), UTC, late=2 * HOUR).text
    assert "late" not in render(an_alert(), read_payload({}), UTC, late=timedelta(minutes=2)).text


KEYS = ["title", "channel", "members", "points", "last_posts", "start", "id", "zone", "handle"]
EXTREME = st.sampled_from(
    [
        "",
        "x",
        "<b>",
        "&amp;",
        "</a>",
        "a" * 4000,
        "🚀" * 3000,
        "\u202eإعلام\u2069",
        "كتائب " * 700,
        "\ud83d",
        "\n\n",
    ]
)


@st.composite
def anything(draw: st.DrawFn) -> Rendered:
    """Any alert about anything, with names and words as bad as they come."""
    words = st.one_of(EXTREME, st.text(max_size=60))
    kind = draw(st.sampled_from(Kind))
    subject = Subject(
        channel_id=draw(st.sampled_from([None, 1001])),
        topic=draw(st.one_of(st.none(), words)),
        group=draw(st.one_of(st.none(), words)),
    )
    n = draw(st.sampled_from([0, 1, 7, 300]))
    title = draw(words)
    document = {
        "title": title,
        "channel": draw(st.sampled_from([None, {"id": 1001, "title": title, "handle": draw(words)}])),
        "topic": draw(st.one_of(st.none(), words)),
        "members": [a_member(i, title) for i in range(n)],
        "last_posts": [
            {"id": i, "posted_at": NOON.isoformat(), "text": draw(words)}
            for i in range(1, draw(st.integers(1, 4)))
        ],
        "change": draw(st.sampled_from([None, "gone", "renamed", "nonsense"])),
        "status": draw(st.sampled_from([None, "banned"])),
        "before": draw(words),
        "after": draw(words),
    }
    verdict = Verdict(
        ruling=draw(st.sampled_from(Ruling)),
        cause=draw(st.sampled_from(Cause)),
        evidence=tuple(draw(st.lists(words, max_size=12))),
    )
    alert = an_alert(
        draw(st.sampled_from([Move.OPENED, Move.GREW, Move.CLOSED])),
        kind=kind,
        subject=subject,
        verdict=verdict,
        ended=draw(words),
        expected=draw(st.floats(0, 1e6)),
        probability=draw(st.floats(0, 1)),
    )
    zone = draw(st.sampled_from(["UTC", "Asia/Kathmandu", "America/St_Johns"]))
    return render(
        alert,
        read_payload(document),
        Reader(zone=ZoneInfo(zone)),
        simulated=draw(st.booleans()),
        late=4 * HOUR,
    )


@settings(max_examples=150, deadline=None)
@given(anything())
def test_whatever_the_names_the_words_fit_and_are_wellformed(words: Rendered) -> None:
    assert length(words.caption) <= LONGEST_CAPTION
    assert parse_html(words.caption).text.strip()
    for piece in split(words.text):
        assert length(piece) <= LONGEST_TEXT
        assert parse_html(piece).text.strip()
    assert "Episode 12" in words.caption
    assert "Episode 12" in words.text
    if words.fits_caption:
        assert words.text == words.caption


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=5,
        ),
        max_leaves=12,
    ).map(lambda value: value if isinstance(value, dict) else {"title": value})
)  # fmt: skip
def test_no_payload_however_broken_keeps_an_alert_from_being_told(document: dict[str, Any]) -> None:
    words = render(an_alert(), read_payload(document), UTC)
    assert "Episode 12" in parse_html(words.text).text


def test_that_our_blindness_has_spread_is_said_with_how_far() -> None:
    spread = told(
        Move.ESCALATED, kind=Kind.BLIND, members=tuple(range(1, 41)), subject=Subject(), opened_at=NOON
    )
    assert "It has spread: 40 channels so far, so it is told once more." in spread
    assert "It goes on" not in spread


def test_what_has_become_graver_and_what_comes_and_goes_say_so() -> None:
    at = NOON + 14 * HOUR
    graver = told(Move.ESCALATED, escalated_at=at, opened_at=NOON)
    assert graver.startswith("⏫🔇 Silent: Falcon Front")
    assert "it is told this once more" in graver
    again = told(Move.REOPENED, times=3, again_at=NOON - 2 * HOUR)
    assert "No post for 2 h: the last came Fri 14 Mar 10:00 UTC." in again
    assert "It has begun 3 times since Fri 14 Mar 07:00 UTC; it is told as one. Numbers and evidence" in again
    over = told(Move.CLOSED, times=3, again_at=NOON - 2 * HOUR, closed_at=NOON)
    assert "It lasted 5 h, from Fri 14 Mar 07:00 UTC" in over
    assert "Silent for" not in over
