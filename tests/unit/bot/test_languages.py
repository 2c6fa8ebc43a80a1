"""Whatever the bot says, in every language and with the worst in it, keeps to Telegram's limits."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardMarkup

from alerts import evidence
from bot import access_keys, alert_keys, asked_keys, hush_keys, keyboards, running_keys, telling
from bot.catalogues import templates
from bot.claim_list import Page, say_claims
from bot.markup import (
    LONGEST_ANSWER,
    LONGEST_CAPTION,
    LONGEST_TEXT,
    Html,
    foreign,
    length,
    shortened,
    split,
    units,
)
from bot.naming import Names
from bot.payload import read_payload
from bot.render import render
from bot.say import LANGUAGES, Say, say_in
from bot.saying import say_at, say_chance, say_sentence, say_span, say_weekday
from bot.standing import Standing, say_standing
from bot.telling import Reader
from bot.texts import befalling, common
from domain.channel import Channel, ChannelChange, ChannelStatus
from domain.claim import ArchivedClaim, Claim, ClaimKind, DateSource
from domain.claim import Span as Words
from domain.episode import Move, State, Subject
from domain.finding import Cause, Kind, Ruling, Verdict
from domain.sentence import Country, Sentence
from domain.subscription import Role, Subscriber, Subscription
from domain.watch import Gap, GapCause
from sandbox.botapi.markup import parse_html
from tests.support.alerting import HOUR, NOON, a_member, a_payload, an_alert, an_episode

ZONES = [ZoneInfo("Asia/Baghdad"), ZoneInfo("Asia/Tehran"), ZoneInfo("America/St_Johns"), ZoneInfo("UTC")]
KINDS = [kind for kind in Kind if kind in telling._ICONS]
#: What channels, people and posts may be called.
NASTY = {
    "long": "Ω" * 4000,
    "emoji": "👩🏽‍🚀🏴󠁧󠁢󠁥󠁮󠁧󠁿🇮🇶" * 500,
    "marks": "\u202eevil\u202d \u2067right\u2066 \u200f\u200e\u061cقناة\u2069\u2069\u2069",
    "markup": '<b>bold</b> <a href="tg://x">&amp; {0} {name} %s \\ \x00\ud800',
    "arabic": "كتائب " * 700 + "{x}",
    "lines": "one\n\n\ntwo\r\n\tthree",
    "nothing": "\u200b",
}


@pytest.fixture(params=LANGUAGES)
def say(request: pytest.FixtureRequest) -> Say:
    return say_in(request.param)


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def is_sound(words: Html) -> bool:
    """Telegram takes it, and no name in it can turn the rest around."""
    text = parse_html(words).text  # raises for what Telegram refuses
    depth = 0
    for c in text:
        depth += c in "\u2066\u2067\u2068"
        depth -= c == "\u2069"
        if depth < 0 or c in "\u202a\u202b\u202d\u202e":
            return False
    return depth == 0 and units(text) == length(words)


@pytest.mark.parametrize("nasty", NASTY)
def test_every_template_can_be_said_with_anything_in_it(say: Say, nasty: str) -> None:
    worst = foreign(NASTY[nasty], 200)
    for template in templates():
        forms = (template,) if isinstance(template, str) else template
        values = dict.fromkeys(set[str]().union(*(fields(form) for form in forms)), worst)
        if isinstance(template, str):
            words, bare = say(template, **values), say.bare(template, **dict.fromkeys(values, NASTY[nasty]))
        else:
            values.pop("n", None)
            words, bare = say.many(template, 3, **values), say.many_bare(template, 3)
        assert is_sound(words), template
        assert length(words) <= LONGEST_TEXT
        assert units(shortened(bare, LONGEST_ANSWER)) <= LONGEST_ANSWER
        assert shortened(bare, LONGEST_ANSWER)


def of_evidence() -> Iterator[Sentence]:
    """Every sentence of evidence, each field filled with each thing that can be in it."""
    name = "Ω" * 300 + "👩🏽‍🚀" * 100 + "<b>\u202e{x}"
    pools: dict[str, Any] = {
        "start": NOON - HOUR, "end": NOON, "since": NOON, "at": NOON, "span": 30 * HOUR, "watched": HOUR,
        "names": Sentence(evidence.NAMES_AND_MORE, names=(name,) * 5, n=195), "country": Country("IQ"),
        "status": Sentence(evidence.STATUSES["private"]), "how": Sentence(evidence.HOW_GONE["hidden"]),
        "what": Sentence(evidence.READ_SINCE, at=NOON), "ordinary": Sentence(evidence.SEASON_LESS, part=40),
        "n": 12_345, "all": 99, "quiet": 2, "on": 0, "alike": 1, "expected": 17, "part": 40, "times": 2.5,
    }  # fmt: skip
    for template in sorted(
        t for t, where in templates().items() if any(w.startswith("alerts.") for w in where)
    ):
        assert isinstance(template, str)
        yield Sentence(template, **{field: pools.get(field, name) for field in fields(template)})


def test_every_evidence_is_said_in_the_readers_words(say: Say) -> None:
    said = list(of_evidence())
    assert len(said) > 80
    for sentence in said:
        words = say_sentence(sentence, ZONES[0], say)
        assert is_sound(words)
        assert length(words) <= 1600
        if say.language != "en":
            ours = outside(words)
            assert not any("a" <= c.lower() <= "z" for c in ours), "it is still English"
            assert not any(c in ours for c in "0123456789")


def outside(words: str) -> str:
    """What is ours: all but the names, which stand between isolates."""
    out, depth = "", 0
    for c in words:
        depth += c in "\u2066\u2067\u2068"
        out += c if depth == 0 else ""
        depth -= c == "\u2069"
    return out


def every_alert() -> Iterator[tuple[Any, dict[str, Any]]]:
    """Alerts of every kind, move, subject and cause, with the worst names and all evidence."""
    lines = tuple(of_evidence())
    subjects = [
        Subject(channel_id=1001), Subject(channel_id=1001, topic="x" * 900), Subject(group="g" * 900),
        Subject(channel_id=1001, claimant="c" * 900), Subject(country="IQ"), Subject(topic="t"), Subject(),
    ]  # fmt: skip
    names = itertools.cycle(NASTY.values())
    for n, (kind, move, turn) in enumerate(itertools.product(KINDS, Move, range(2))):
        subject = subjects[(n + turn) % len(subjects)]
        ruling = list(Ruling)[n % 3]
        cause = list(Cause)[n % len(Cause)]
        start = n % len(lines)
        verdict = Verdict(ruling=ruling, cause=cause, evidence=(*lines[start:], *lines[:start])[:12])
        title = next(names)
        members = [a_member(i, next(names), None if i % 5 == 0 else NOON - i * HOUR) for i in range(1, 40)]
        document = a_payload(
            members=[] if subject.channel_id else members,
            topic=next(names) if subject.topic else None,
            claimant=next(names) if subject.claimant else None,
            change=list(ChannelChange)[n % len(ChannelChange)].value,
            status=list(ChannelStatus)[n % len(ChannelStatus)].value,
            before=next(names),
            after=next(names),
            last_posts=[{"id": i, "posted_at": NOON.isoformat(), "text": next(names)} for i in range(1, 4)],
        )
        document["title"] = document["channel"]["title"] = title
        if not subject.channel_id:
            document.pop("channel")
        ended = lines[start] if n % 2 else str(lines[start])
        yield an_alert(
            move, kind=kind, subject=subject, verdict=verdict, ended=ended, times=1 + n % 3,
            escalated_at=NOON if move is Move.ESCALATED else None, probability=10.0 ** -(n % 9),
            expected=[0.0, 1.0, 2.0, 0.4, 11.0, 3021.7][n % 6], observed=n % 4,
            members=tuple(range(1, 40)), closed_at=NOON if move is Move.CLOSED else None,
            state=State.CLOSED if move is Move.CLOSED else State.OPEN,
        ), document  # fmt: skip


def test_every_alert_keeps_within_a_message_and_a_caption(say: Say) -> None:
    n = 0
    for alert, document in every_alert():
        reader = Reader(zone=ZONES[n % len(ZONES)], say=say)
        words = render(
            alert, read_payload(document), reader, simulated=n % 2 == 0, late=timedelta(hours=n % 5)
        )
        assert length(words.caption) <= LONGEST_CAPTION, (alert.episode.kind, alert.move)
        assert is_sound(words.caption)
        for piece in split(words.text):
            assert length(piece) <= LONGEST_TEXT
            parse_html(piece)
        n += 1
    assert n >= 70


def test_a_caption_holds_whatever_ended_an_episode_and_whatever_shows_it(say: Say) -> None:
    document = a_payload(title=NASTY["markup"], last_posts=[])
    for line in of_evidence():
        for move in (Move.CLOSED, Move.OPENED):
            verdict = Verdict(ruling=Ruling.CONFIRMED, cause=Cause.UNEXPLAINED, evidence=(line,) * 3)
            alert = an_alert(
                move, verdict=verdict, ended=line, closed_at=NOON if move is Move.CLOSED else None,
                state=State.CLOSED if move is Move.CLOSED else State.OPEN,
            )  # fmt: skip
            caption = render(alert, read_payload(document), Reader(zone=ZONES[0], say=say)).caption
            assert length(caption) <= LONGEST_CAPTION, str(line)
            assert is_sound(caption)


def test_nothing_english_is_left_in_a_foreign_alert() -> None:
    """Names apart: whatever is Latin in it stands between isolates."""
    for language in LANGUAGES:
        if language == "en":
            continue
        for move, kind in itertools.product(Move, KINDS):
            alert = an_alert(
                move, kind=kind, ended=Sentence(evidence.RHYTHM_AGAIN, n=3, since=NOON, span=5 * HOUR),
                verdict=Verdict.confirmed(
                    Cause.UNEXPLAINED,
                    Sentence(evidence.WATCHED, name="@x", start=NOON - HOUR, end=NOON, span=HOUR),
                ),
                closed_at=NOON if move is Move.CLOSED else None,
            )  # fmt: skip
            document = a_payload(change="renamed", before="old", after="new", status="open")
            words = parse_html(
                render(alert, read_payload(document), Reader(zone=ZONES[0], say=say_in(language))).text
            )
            latin = {w for w in outside(words.text).split() if any("a" <= c.lower() <= "z" for c in w)}
            assert latin <= {"Deadair"}, (language, kind, move)


def test_charts_labels_and_words_of_chance_are_said(say: Say) -> None:
    assert say_weekday(NOON, ZONES[0], say)
    assert len({say_chance(p, say)[0] for p in (1.0, 0.04, 0.009, 0.0005, 1e-9)}) == 5
    spans = [timedelta(seconds=s) for s in (0, 1, 2, 59, 61, 3600, 7200, 90_000, 950_400, 8_640_000)]
    assert len({say_span(span, say) for span in spans}) == len(spans)
    at = say_at(datetime(2031, 11, 2, 3, 4, tzinfo=UTC), ZONES[1], say)
    assert not say.runs_left or not any(c in at for c in "0123456789")


def channels() -> list[Channel]:
    names = list(NASTY.values())
    return [
        Channel(
            id=10**12 + n, title=names[n % len(names)], handle=f"h{n}" * 4 if n % 2 else None,
            group=names[(n + 1) % len(names)] if n % 3 else None,
            status=list(ChannelStatus)[n % len(ChannelStatus)],
        )
        for n in range(60)
    ]  # fmt: skip


def boards_of_people(say: Say) -> Iterator[InlineKeyboardMarkup]:
    people = [
        Subscriber(
            chat_id=-(10**13) + n if n % 2 else 10**12 + n, name=name, role=list(Role)[n % 4], let_in_at=NOON,
            let_in_by="x",
        )
        for n, name in enumerate([*NASTY.values()] * 4)
    ]  # fmt: skip
    yield access_keys.ask_button(say)
    yield access_keys.decide_buttons(10**12, say)
    for page in (0, 1, 99):
        yield access_keys.people_buttons(people, page, say)
    for each in people[:8]:
        yield access_keys.member_buttons(each, 99_999, say)


def boards_of_channels(them: list[Channel], say: Say) -> Iterator[InlineKeyboardMarkup]:
    topics = [(keyboards.key_of(name), name) for name in NASTY.values()]
    at = running_keys.Weigh(channel=10**12, strand=topics[0][0], budget="0.125", do="l")
    for sure in (False, True):
        yield running_keys.channel_keys(them[1], 99_999, say, sure=sure)
    for what in ("w", "t"):
        yield running_keys.channel_page_keys(them, 3, what, say)  # type: ignore[arg-type]
    yield running_keys.ladder_keys(at, [("0.125", True), ("30", False)] * 6, topics, say, is_set=True)
    yield running_keys.threshold_keys(at, say, can_be_kept=True)


def test_no_two_kinds_of_buttons_are_taken_for_one_another() -> None:
    prefixes = [
        kind.__prefix__ for kind in CallbackData.__subclasses__() if kind.__module__.startswith("bot.")
    ]
    assert len(prefixes) > 20
    assert len(set(prefixes)) == len(prefixes)


def test_buttons_hold_at_most_what_telegram_takes(say: Say) -> None:
    them = channels()
    mine = [Subscription(chat_id=1, channel_id=c.id, made_at=NOON) for c in them[::2]]
    named = [(f"key{n}" * 30, title, 10**6) for n, title in enumerate(NASTY.values())] * 4
    boards = [
        *(keyboards.choice(them, mine, page, say) for page in range(9)),
        keyboards.endings([(s, NASTY["emoji"]) for s in mine[:10]], 0, 30, say),
        keyboards.refresh(say),
        keyboards.watch(2**52, NASTY["markup"], say),
        asked_keys.chart_spans(2**52, timedelta(days=7), say),
        *(
            asked_keys.choice_of_claims(by, named, page, say)
            for by in ("actor", "place")
            for page in (0, 1, 2)
        ),
        asked_keys.claims_keys("actor", asked_keys.key_of("x" * 999), 99_999, say, more=True),
        asked_keys.found_keys(asked_keys.key_of(NASTY["long"]), 99_999, say, more=True),
        *boards_of_people(say),
        *boards_of_channels(them, say),
        *(alert_keys.alert_keys(e, None, say) for e in (an_episode(id=10**12, kind=k) for k in Kind)),
        alert_keys.fault_keys(10**12, say),
        alert_keys.digest_keys([10**12, 10**12 + 1], say),
        hush_keys.quiet_keys(has=True, say=say),
        hush_keys.digest_keys(None, say),
        hush_keys.language_keys(),
        hush_keys.zone_keys(["America/Argentina/ComodRivadavia"] * 8),
    ]
    n = 0
    for board in boards:
        if board is None:  # of some kinds there is nothing to press
            continue
        for button in (b for row in board.inline_keyboard for b in row):
            assert button.text.strip()
            assert units(button.text) <= 128
            assert 1 <= len((button.callback_data or "").encode()) <= 64
            n += 1
    assert n > 100


def test_answers_keep_within_messages_whatever_is_in_them(say: Say) -> None:
    them = channels()
    lines = tuple(of_evidence())
    episodes = [
        an_episode(
            id=n, kind=list(Kind)[n % len(Kind)],
            subject=Subject(channel_id=them[n % 60].id, topic=NASTY["arabic"] if n % 2 else None),
            verdict=Verdict.blind(Cause.LINK_DOWN, *lines[n : n + 2]),
        )
        for n in range(60)
    ]  # fmt: skip
    standing = Standing(
        now=NOON,
        channels=them,
        episodes=episodes,
        seen_until={c.id: NOON - n * timedelta(minutes=3) for n, c in enumerate(them)},
        seen_since={c.id: NOON - n * HOUR for n, c in enumerate(them)},
        gaps=[
            Gap(channel_id=c.id, account="a", from_at=NOON - HOUR, to_at=None, cause=list(GapCause)[n % 6])
            for n, c in enumerate(them)
        ],
    )
    words = [say_standing(standing, ZONES[0], say)]
    claims = [
        ArchivedClaim(
            channel_id=them[n % 60].id, post_id=n, number=1, reader_version=1, posted_at=NOON, from_at=NOON,
            claim=Claim(
                kind=kind, claimant=NASTY["emoji"], target=NASTY["long"], location=NASTY["markup"],
                weapons=(NASTY["arabic"],) * 9, date=NOON.date(), date_source=DateSource.HIJRI,
                evidence=(Words(field="claimant", start=0, end=4000, rule="r"),),
            ),
        )
        for n, kind in enumerate(k for k in ClaimKind if k.is_attack)
    ]  # fmt: skip
    page = Page(
        claims=[(c, NASTY["long"]) for c in claims],
        channels={c.id: c for c in them},
        more=True,
        was_read=True,
    )
    for by, key in (("all", ""), ("actor", NASTY["long"]), ("place", NASTY["marks"])):
        words.append(say_claims(page, by, key, 7, NOON, ZONES[1], say, Names()))  # type: ignore[arg-type]
    empty = replace(page, claims=(), more=False)
    words.append(say_claims(empty, "actor", NASTY["marks"], 0, NOON, ZONES[1], say, Names()))
    for text in words:
        assert is_sound(text)
        for piece in split(text):
            assert length(piece) <= LONGEST_TEXT
            parse_html(piece)


def test_all_that_can_befall_and_be_a_cause_has_words() -> None:
    assert set(common.CAUSES) >= {c.value for c in Cause}
    assert set(common.STATUSES) == {s.value for s in ChannelStatus} == set(evidence.STATUSES)
    assert set(common.KINDS) == {k.value for k in Kind}
    assert set(evidence.HOW_GONE) == {s.value for s in ChannelStatus} - {"open"}
    assert set(befalling.MEANS) <= {c.value for c in ChannelChange} | {s.value for s in ChannelStatus}
