"""A post in a list: its link with how it begins, and of what retention removed that it was."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.post_line import post_line
from bot.say import say_in
from domain.channel import Channel
from domain.post import How, Post

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
POST = Post(
    channel_id=7, id=5, posted_at=NOON, seen_at=NOON, how=How.LIVE, text="two < three", removed_at=None
)


def line(post: Post, language: str = "en", *, name: str = "") -> str:
    channel = Channel(id=7, title="Falcon", handle="falcon")
    return post_line(
        post, channel, ZoneInfo("UTC"), say_in(language), NOON + timedelta(hours=1), excerpt=40, name=name
    )


def test_a_post_is_its_link_and_how_it_begins() -> None:
    said = line(POST)
    assert 'href="https://t.me/falcon/5"' in said
    assert "two &lt; three" in said
    assert "removed" not in said
    assert "removed" not in line(replace(POST, text=""))  # a picture without words


@pytest.mark.parametrize(("language", "word"), [("en", "(removed)"), ("ar", "(أُزيل)"), ("fa", "(حذف‌شده)")])
def test_what_was_removed_is_said_to_be_in_every_language(language: str, word: str) -> None:
    said = line(replace(POST, text="", removed_at=NOON), language)
    assert 'href="https://t.me/falcon/5"' in said
    assert f"<i>{word}</i>" in said
    assert "Falcon" in line(replace(POST, text="", removed_at=NOON), language, name="Falcon: ")
