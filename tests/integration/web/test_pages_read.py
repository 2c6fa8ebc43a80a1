"""What every page says, fetched over HTTP without a browser: the same from SQLite and from PostgreSQL."""

import asyncio
import html
import re
from collections.abc import Iterator

import httpx
import pytest

from tests.support.browsing import serving_birds
from tests.support.postgres import Postgres


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def pages(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Somebody who is signed in to the pages of an archive that was filled once for all tests."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('birds') / 'birds.db'}"
    else:
        server: Postgres = request.getfixturevalue("postgres")
        url = asyncio.run(server.database())
    with serving_birds(url) as served, httpx.Client(base_url=served.base, timeout=60, trust_env=False) as who:
        signed = who.post("/sign-in", data={"token": served.token}, headers={"Origin": served.base})
        assert signed.status_code == 303
        yield who


def read(pages: httpx.Client, address: str, status: int = 200) -> str:
    """What a page says, without its marks; of every run of white space one."""
    answer = pages.get(address, headers={"Accept-Language": "en"})
    assert answer.status_code == status, answer.text
    _, _, main = answer.text.partition("<main")
    bare = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", main, flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", bare)))


def holds(said: str, *wanted: str) -> None:
    """All of it, in that order."""
    at = 0
    for words in wanted:
        assert words in said[at:], (words, said[at:][:1500])
        at = said.index(words, at) + len(words)


def test_now(pages: httpx.Client) -> None:
    holds(
        read(pages, "/"),
        "Now The last 24 whole hours of every channel, as of 2026-03-01 15:20",
        "All 7 Silent 1 Dropping 1 Surging 1 A topic is quiet 1 Out of our sight 1 Cannot be read 1",
        "Falcon Front @falcon_front · north Silent 22 posts, expected 28",
        "Owl Post @owl_post · south Dropping 2 posts, expected 8.7",
        "@kite_news · south A topic is quiet 14 posts, expected 17 · in 17 watched hours of 24",
        "not seen since 12:20 : no way to Telegram",
        "Unknown: none of the last 24 hours was wholly watched.",
    )


def test_now_of_one_state(pages: httpx.Client) -> None:
    said = read(pages, "/?state=blind")
    holds(said, "1 shown", "@heron_watch", "14 posts, expected 11 · in 21 watched hours of 24")
    assert "@falcon_front" not in said


def test_a_channel(pages: httpx.Client) -> None:
    said = read(pages, "/channels/kite_news")
    holds(said, "@kite_news", "Asia/Tehran", "272 posts, expected 314 · 97% of the time was watched")
    holds(
        said, "2026-03-01 14:00 2 1.1 0–5", "2026-03-01 03:00 unknown 0.2 0–1", "2026-02-28 20:00 3 1.6 0–6"
    )


def test_a_channel_with_an_edit_and_a_deletion(pages: httpx.Client) -> None:
    holds(
        read(pages, "/channels/owl_post"),
        "124 posts, expected 117 · 100% of the time was watched",
        "(corrected)",
    )


def test_search(pages: httpx.Client) -> None:
    holds(
        read(pages, "/search?q=%D9%85%D8%B3%D9%8A%D8%B1%D8%A9&order=relevance"),
        "25 posts on this page · 474 copies folded · the best of the newest 964 that were found",
        "Swift <b>Media</b> · 2026-03-01 15:08 43 720 views · seen in 6 channels (at least)",
        "تعلن المقاومة استهداف قاعدة حرير بطائرة مسيرة رقم 1093",
    )


def test_counts_by_the_day(pages: httpx.Client) -> None:
    holds(
        read(pages, "/search?channel=kite_news&by=day"),
        "1 313 posts · 99% of the time was watched · 2025-12-31 15:20 – 2026-03-01 15:20",
        "2026-03-01 ≥ 5 78% 2026-02-28 ≥ 17 88% 2026-02-27 15 100% 2026-02-26 19 100%",
    )


def test_counts_by_claimant_topic_and_channel(pages: httpx.Client) -> None:
    holds(
        read(pages, "/search?claimant=kh&by=claimant"),
        "335 posts · 85% of the time was watched",
        "Kataib Hezbollah ≥ 335 –",
    )
    holds(read(pages, "/search?topic=drones&by=topic"), "posts · 85% of the time was watched", "Topic Posts")
    holds(
        read(pages, "/search?place=harir&by=channel"), "posts · 85% of the time was watched", "Channel Posts"
    )


def test_a_post(pages: httpx.Client) -> None:
    holds(
        read(pages, "/channels/kite_news/1"),
        "Posted 2025-12-31 16:37",
        "https://t.me/kite_news/1",
        "بيان رقم 1: <script>alert(1)</script>",
        "Views over time",
        "2025-12-31 16:37 40",
        "Seen in 6 channels, first",
        "2025-12-31 18:41 · Falcon Front 5 · nearly the same words",
    )


def test_episodes(pages: httpx.Client) -> None:
    holds(
        read(pages, "/episodes"),
        "Silence 5 مرصد البلشون 2026-02-09 15:20 over (1 d) 0 12 explained Confirmed: it happened",
        "Surge 3 Swift <b>Media</b> 2026-03-01 10:20 open 40 6 theirs: nothing explains it",
        "Drop 2 Owl Post 2026-02-28 19:20 open 1 8.4",
        "Silence 1 Falcon Front 2026-03-01 06:20 open 0 14",
    )


def test_an_episode_that_goes_on(pages: httpx.Client) -> None:
    holds(
        read(pages, "/episodes/1"),
        "Silence 1: Falcon Front open for 9 h",
        "Posts 0, expected 14 By chance once in 33 000 such stretches",
        "4 of 5 other channels went on.",
        "Nobody has said anything of it yet.",
    )


def test_an_episode_that_is_over(pages: httpx.Client) -> None:
    holds(
        read(pages, "/episodes/5"),
        "over lasted 1 d",
        "Over 2026-02-10 15:20 : the first post came back",
        "<i>markup of nobody's</i>",
        "Layla · 2026-02-28 15:20 they said so",
    )


def test_claims(pages: httpx.Client) -> None:
    holds(
        read(pages, "/claims"),
        "Harir a site 104 Baghdad a town 103 98 acts are not on the map",
        "Kataib Hezbollah 334 Islamic Resistance in Iraq 304",
        "2026-02-23 84% ≥ 35 ≥ 30 2026-02-16 85% ≥ 45 ≥ 31",
        "2025-12-22 0% unknown unknown",
        "2026-03-01 06:02 Kataib Hezbollah 31 ≥ 38 ≥ 160 85%",
        "Incidents 305 acts",
    )


def test_an_incident(pages: httpx.Client) -> None:
    holds(
        read(pages, "/claims/1"),
        "Incident 1",
        "Falcon Front · 2025-12-31 19:01 claim of responsibility · Islamic Resistance in Iraq",
        "پهپادها پایگاه عین الاسد را هدف قرار دادند 7",
    )


def test_tune(pages: httpx.Client) -> None:
    holds(read(pages, "/tune"), "Everybody's is 0.25.", "Falcon Front · north", "Owl Post · south", "Wren")
    holds(
        read(pages, "/tune/owl_post"),
        "This is the one that counts now.",
        "0.75 (all kinds together)",
        "(in 46 d that were watched",
        "What it would have raised 2026-01-14 15:20 – 2026-03-01 15:20 Nothing.",
    )


def test_what_is_not_there(pages: httpx.Client) -> None:
    holds(read(pages, "/channels/nobody", 404), "the archive has no channel")
    holds(read(pages, "/channels/kite_news/99999999999999999999", 404), "is held")
    holds(read(pages, "/search?q=%28one", 400), "this bracket is never closed")
