"""Pages of the preview, saved in the layout that Telegram gives them, with words of our own."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from collector.preview.page import Feed, Holder, read_card, read_feed
from collector.preview.words import clock, count, size
from domain.post import Entity, Forward, How, PostKind
from tests.support.telegram import day

PAGES = Path(__file__).resolve().parents[2] / "data" / "preview"


@pytest.fixture(scope="module")
def feed() -> Feed:
    page = (PAGES / "feed.html").read_text(encoding="utf-8")
    found = read_feed(page, seen_at=day(1, 10), how=How.POLLED)
    assert found is not None
    return found


def test_the_channel_is_known_by_its_number_and_its_counters(feed: Feed) -> None:
    assert (feed.handle, feed.title, feed.channel_id) == ("invented_front", "Invented Front ✊", 1001234567)
    assert (feed.members, feed.is_exact) == (104_000, False)
    assert feed.about == "Statements of the Invented Front.\nReserve: @invented_reserve"
    assert feed.links == ("https://t.me/invented_reserve",)
    assert (feed.older, feed.newer) == (420, None)


def test_numbers_that_were_deleted_are_not_there_and_what_cannot_be_read_is_counted(feed: Feed) -> None:
    assert feed.ids == (420, 421, 422, 423, 424, 425, 428, 429)
    assert feed.unread == (430,)


@pytest.mark.parametrize(
    ("usual", "odd"),
    [
        ("2031-03-01T09:30:15+03:00", "0001-01-01T00:00:00+14:00"),
        ("12.4K", "1" * 5_000),
    ],
)
def test_one_message_in_which_something_odd_stands_keeps_no_other_from_being_read(
    feed: Feed, usual: str, odd: str
) -> None:
    page = (PAGES / "feed.html").read_text(encoding="utf-8")
    assert usual in page
    found = read_feed(page.replace(usual, odd, 1), seen_at=day(1, 10), how=How.POLLED)
    assert found is not None
    (lost,) = set(found.unread) - set(feed.unread)
    assert {*found.ids, lost} == set(feed.ids)
    assert lost not in found.ids


def test_a_text_keeps_its_marks_in_utf16_and_its_links(feed: Feed) -> None:
    post = feed.posts[1]
    assert post.text == ("بيان رقم 12\n🚀 استهداف قاعدة & القائمة\n\n#statement @invented_reserve hidden")
    wide = post.text.encode("utf-16-le")
    covered = {
        e.kind: wide[2 * e.offset : 2 * (e.offset + e.length)].decode("utf-16-le") for e in post.entities
    }
    assert covered == {
        "bold": "12",
        "italic": "قاعدة",
        "text_url": "القائمة",
        "hashtag": "#statement",
        "mention": "@invented_reserve",
        "spoiler": "hidden",
    }
    assert next(e.url for e in post.entities if e.kind == "text_url") == "https://example.org/list?a=1&b=2"


def test_counters_signature_reply_and_marks_are_kept_and_times_are_in_utc(feed: Feed) -> None:
    post = feed.posts[1]
    assert post.posted_at == datetime(2031, 3, 1, 6, 30, 15, tzinfo=UTC)
    assert (post.views, post.author, post.reply_to) == (12_400, "Abu Invented", 418)
    assert post.raw == {"edited": True, "reactions": {"🔥": 1200, "👍": 87, "paid": 3}}
    assert post.edited_at is None


def test_an_album_is_its_parts_and_its_text_stands_under_the_first(feed: Feed) -> None:
    parts = feed.posts[2:5]
    assert [p.id for p in parts] == [422, 423, 424]
    assert {p.album_id for p in parts} == {422}
    assert [p.text for p in parts] == ["Three pictures", "", ""]
    assert [(p.media.kind, p.media.duration) for p in parts if p.media] == [
        ("photo", None), ("video", 65.0), ("photo", None),
    ]  # fmt: skip
    assert parts[0].forward == Forward(name="Invented Sister", post_id=77)
    assert parts[0].raw == {"forwarded_from": "invented_sister"}
    assert parts[0].views == 1_020_000


def test_polls_documents_services_and_what_no_browser_shows(feed: Feed) -> None:
    by_id = {post.id: post for post in feed.posts}
    poll = by_id[425].media
    assert poll is not None
    assert poll.detail == {
        "question": "Who was it?",
        "type": "Anonymous Poll",
        "answers": ["We", "Others"],
        "percents": [71, 29],
        "total": 1900,
    }
    assert by_id[425].views == 8412
    document = by_id[428]
    assert document.media is not None
    assert (document.media.kind, document.media.name, document.media.size) == (
        "document",
        "tally.pdf",
        1572864,
    )
    assert document.text == "The tally of https://example.org/a"
    assert document.entities == (Entity(kind="url", offset=13, length=21),)
    assert by_id[420].kind is PostKind.SERVICE
    assert by_id[429].media is not None
    assert by_id[429].media.kind == "other"


@pytest.mark.parametrize(
    ("name", "holder", "title", "members"),
    [
        ("nobody", Holder.NOBODY, "", None),
        ("channel", Holder.CHANNEL, "Invented Front", 104_512),
        ("group", Holder.GROUP, "Invented Chat", 1_204),
        ("person", Holder.PERSON, "Somebody", None),
    ],
)
def test_where_no_posts_are_shown_the_page_says_who_has_the_name(
    name: str, holder: Holder, title: str, members: int | None
) -> None:
    page = (PAGES / f"card_{name}.html").read_text(encoding="utf-8")
    assert read_feed(page, seen_at=day(1), how=How.POLLED) is None
    card = read_card(page)
    assert card is not None
    assert (card.holder, card.title, card.members) == (holder, title, members)


def test_anything_else_is_no_page_of_the_preview() -> None:
    for page in (
        "",
        "<html></html>",
        "not html at all",
        '{"ok": true}',
        "<div class='tgme_channel_history'>",
    ):
        assert read_feed(page, seen_at=day(1), how=How.POLLED) is None
        assert read_card(page) is None


@pytest.mark.parametrize(
    ("text", "n", "exact"),
    [("977", 977, True), ("8 412", 8412, True), ("1.2K", 1200, False), ("12.4K", 12400, False),
     ("1.02M", 1_020_000, False), ("104 512 subscribers", 104_512, True), ("1,234", 1234, True)],
)  # fmt: skip
def test_numbers_are_read_as_they_are_shortened(text: str, n: int, exact: bool) -> None:
    assert count(text) == (n, exact)


def test_what_is_no_number_is_none() -> None:
    assert count("nobody") is None
    assert (clock("1:02:03"), clock("0:15"), clock("soon"), clock("")) == (3723, 15, None, None)
    assert (size("1.5 MB"), size("12 KB"), size("big")) == (1572864, 12288, None)
