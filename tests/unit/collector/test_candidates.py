"""Whom a channel speaks of, and when it says that it moves."""

from datetime import timedelta

import pytest

from collector.candidates import announces, handles_in, named
from domain.post import Entity, Forward, How, Media, Post
from tests.support.telegram import day


def post(n: int, text: str = "", **more: object) -> Post:
    at = day(1) + timedelta(hours=n)
    return Post(channel_id=1, id=n, posted_at=at, seen_at=at, how=How.LIVE, text=text, **more)  # type: ignore[arg-type]


def test_links_mentions_and_hidden_links_are_handles_and_bots_and_invitations_are_none() -> None:
    told = post(
        1,
        "see t.me/falcon_one/12, https://t.me/s/falcon_two @falcon_three, not @news_bot, a@falcon.example "
        "or t.me/joinchat/AAAA or t.me/+abcdef",
        entities=(Entity(kind="text_url", offset=0, length=3, url="https://telegram.me/falcon_four"),),
        media=Media(kind="webpage", detail={"url": "https://t.me/falcon_five"}),
    )
    assert list(handles_in(told)) == [
        "falcon_one",
        "falcon_two",
        "falcon_three",
        "falcon_four",
        "falcon_five",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "This is our Backup Channel:",
        "تابعوا قناتنا الجديدة",
        "القناة الاحتياطية",
        "قناتنا الجديده",
        "کانال جدید ما",
        "كانال جديد",
        "наш резервный канал",
        "کەناڵی نوێ",
    ],
)
def test_words_of_a_move_are_known_in_every_spelling(text: str) -> None:
    assert announces(text)


@pytest.mark.parametrize("text", ["A new drone was shown.", "استهداف قاعدة جديدة", "کانال سوئز", ""])
def test_other_news_announces_nothing(text: str) -> None:
    assert not announces(text)


def test_whom_most_speaks_for_comes_first_and_the_channel_itself_is_no_candidate() -> None:
    posts = [
        post(1, "@once_named and @falcon_news"),
        post(2, "@often_named"),
        post(3, "@Often_Named"),
        post(4, "our new channel: @the_new_one"),
        post(5, forward=Forward(channel_id=77, post_id=3)),
        post(6, forward=Forward(channel_id=88, post_id=3)),
        post(7, forward=Forward(name="a person")),
        post(8, forward=Forward(name="x"), raw={"forwarded_from": "often_named"}),
    ]
    found = named(posts, ["falcon_news"], {88: "heron_news"})
    assert [(n.handle, n.number) for n in found][:2] == [("the_new_one", None), ("often_named", None)]
    assert found[0].announced_in is posts[3]
    assert (len(found[1].mentions), len(found[1].forwards)) == (2, 1)
    assert {(n.handle, n.number) for n in found[2:]} == {
        ("once_named", None),
        (None, 77),
        ("heron_news", 88),
    }


def test_whom_the_description_names_counts_for_more_than_a_mention() -> None:
    posts = [post(1, "@often_named"), post(2, "@often_named")]
    found = named(posts, ["falcon_news"], description="Reserve: @falcon_reserve, us: @falcon_news")
    assert [(n.handle, n.is_described) for n in found] == [("falcon_reserve", True), ("often_named", False)]
