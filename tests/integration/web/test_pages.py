"""The pages in a real browser: in three languages, on a phone, for a screen reader, and alone."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response, expect

from tests.support.browsing import DESK, PHONE, Served, listen, running_browser, serving_birds, signed_in

#: Every page, with what only it shows.
PAGES = (
    "/",
    "/?state=blind",
    "/channels/kite_news",
    "/channels/wren_new",
    "/channels/crane_brigade?days=7",
    "/search",
    "/search?q=%D9%85%D8%B3%D9%8A%D8%B1%D8%A9&order=relevance",
    "/search?channel=kite_news&by=day",
    "/channels/kite_news/1",
    "/episodes",
    "/episodes/1",
    "/episodes/5",
    "/claims",
    "/claims/1",
    "/tune",
    "/tune/wren_new",
)


# No longer than this module: the browser's driver keeps a loop running, beside which no other can be begun.
@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving_birds(f"sqlite:///{tmp_path_factory.mktemp('birds') / 'birds.db'}") as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as found:
        yield found


def serious(page: Page) -> list[Any]:
    """What axe-core holds against a page that keeps people out."""
    found = Axe().run(page).response["violations"]
    return [
        (each["id"], each["help"], [node["html"][:200] for node in each["nodes"][:3]])
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize(
    ("language", "direction", "heading", "width"),
    [("en", "ltr", "Now", DESK), ("ar", "rtl", "الآن", PHONE), ("fa", "rtl", "اکنون", PHONE)],
)
def test_every_page_is_readable_quiet_and_asks_nobody_else(
    served: Served, browser: Browser, language: str, direction: str, heading: str, width: int
) -> None:
    with signed_in(browser, served, served.token, width) as context:
        page = context.new_page()
        heard = listen(page, served.base)
        for address in PAGES:
            mark = "&" if "?" in address else "?"
            answer = page.goto(f"{served.base}{address}{mark}lang={language}")
            assert answer is not None
            assert answer.status == 200, address
            assert "unsafe-inline" not in answer.headers["content-security-policy"]
            root = page.locator("html")
            assert (root.get_attribute("lang"), root.get_attribute("dir")) == (language, direction)
            assert page.locator("h1").count() == 1, address
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
            assert serious(page) == [], address
        page.goto(served.base)  # the language stays
        expect(page.locator("h1")).to_have_text(heading)
    assert heard.console == []
    assert heard.elsewhere == []


@pytest.mark.parametrize(
    ("language", "direction", "heading", "old", "unknown", "token", "width"),
    [
        ("en", "ltr", "Sign in", "too old", "opens nothing", "opens no pages", DESK),
        ("ar", "rtl", "تسجيل الدخول", "هذا الرابط قديم", "لا يفتح شيئًا", "لا يفتح الصفحات", PHONE),
        ("fa", "rtl", "ورود", "این پیوند کهنه است", "چیزی را باز نمی‌کند", "صفحه‌ها را باز نمی‌کند", PHONE),
    ],
)
def test_the_way_in_is_a_page_like_the_others_and_says_what_to_do(
    served: Served,
    browser: Browser,
    language: str,
    direction: str,
    heading: str,
    old: str,
    unknown: str,
    token: str,
    width: int,
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 850}, locale=language)
    try:
        page = context.new_page()
        heard = listen(page, served.base)

        def proved(status: int, answer: Response | None) -> None:
            assert answer is not None
            assert answer.status == status
            assert "unsafe-inline" not in answer.headers["content-security-policy"]
            assert answer.headers["cache-control"] == "no-store"
            root = page.locator("html")
            assert (root.get_attribute("lang"), root.get_attribute("dir")) == (language, direction)
            assert page.locator("h1").count() == 1
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.evaluate("getComputedStyle(document.body).maxWidth") != "none"  # our style is there
            assert serious(page) == []

        proved(200, page.goto(f"{served.base}/episodes?state=open"))
        expect(page.locator("h1")).to_have_text(heading)
        proved(200, page.goto(f"{served.base}/sign-in/{served.links['open']}"))
        proved(403, page.goto(f"{served.base}/sign-in/{served.links['old']}"))
        expect(page.get_by_role("alert")).to_contain_text(old)
        expect(page.get_by_role("alert")).to_contain_text("/web")
        proved(403, page.goto(f"{served.base}/sign-in/nobody-made-this"))
        expect(page.get_by_role("alert")).to_contain_text(unknown)
        page.locator("input[name=token]").fill("deadair_wrong")
        with page.expect_navigation() as sent:
            page.locator("main button").click()
        proved(403, sent.value)
        expect(page.get_by_role("alert")).to_contain_text(token)
        expect(page.get_by_role("alert").locator("[lang=en]")).to_have_count(0)
        # On to what was wanted, once the token is right.
        page.goto(f"{served.base}/episodes?state=open")
        page.locator("input[name=token]").fill("deadair_wrong")
        page.locator("main button").click()
        page.locator("input[name=token]").fill(served.token)
        page.locator("main button").click()
        page.wait_for_url(f"{served.base}/episodes?state=open")
        proved(404, page.goto(f"{served.base}/nothing/like/this"))
    finally:
        context.close()
    # Chromium itself says on the console that an answer was 403 or 404.
    assert [said for said in heard.console if not said.startswith("Failed to load resource")] == []
    assert heard.elsewhere == []


def test_a_link_that_was_used_says_so_in_the_language_of_the_browser(
    served: Served, browser: Browser
) -> None:
    for language, used in (("en", "was used before"), ("fa", "پیش‌تر به کار رفته است")):
        context = browser.new_context(locale=language)
        try:
            page = context.new_page()
            page.goto(f"{served.base}/sign-in/{served.links['open']}")
            if language == "en":
                page.locator("main button").click()
                page.wait_for_url(f"{served.base}/")
                page.goto(f"{served.base}/sign-in/{served.links['open']}")
            expect(page.get_by_role("alert")).to_contain_text(used)
        finally:
            context.close()


@pytest.mark.parametrize(
    ("language", "words", "place", "channel"),
    [
        ("en", "this bracket is never closed", "at character 1 of", "has no channel"),
        ("ar", "هذا القوس لم يُغلق", "عند الحرف ١ من", "ليس في الأرشيف قناة"),
        ("fa", "این پرانتز بسته نشده است", "در نویسهٔ ۱ از", "بایگانی کانال"),
    ],
)
def test_what_is_wrong_is_said_in_the_readers_language_with_its_place(
    served: Served, browser: Browser, language: str, words: str, place: str, channel: str
) -> None:
    with signed_in(browser, served, served.token, DESK) as context:
        page = context.new_page()
        wrong = page.get_by_role("alert")
        page.goto(f"{served.base}/search?q=%28one&lang={language}")
        for said in (words, place, "⟨?⟩"):
            expect(wrong).to_contain_text(said)
        for address in (
            "/search?channel=nobody",
            "/channels/nobody",
            "/search?since=x",
            "/tune/kite_news?budget=x",
        ):
            page.goto(f"{served.base}{address}")
            expect(wrong.locator("[lang=en]")).to_have_count(0)
        page.goto(f"{served.base}/channels/nobody")
        expect(wrong).to_contain_text(channel)


def test_time_that_was_not_watched_is_unknown_and_no_silence(served: Served, browser: Browser) -> None:
    with signed_in(browser, served, served.token, DESK) as context:
        page = context.new_page()
        page.goto(served.base)
        heron = page.get_by_role("listitem").filter(has_text="@heron_watch")
        expect(heron.locator(".tag")).to_have_text("Out of our sight")
        expect(heron).to_contain_text("no way to Telegram")
        crane = page.get_by_role("listitem").filter(has_text="@crane_brigade")
        expect(crane).to_contain_text("Unknown: none of the last 24 hours was wholly watched.")
        kite = page.get_by_role("listitem").filter(has_text="@kite_news")
        expect(kite).to_contain_text("watched hours of 24")
        page.goto(f"{served.base}/channels/kite_news")
        page.get_by_text("As a table, by the hour").click()
        unknown = page.get_by_role("row").filter(has_text="unknown")
        assert 6 <= unknown.count() <= 8
        page.goto(f"{served.base}/search?by=day&channel=kite_news&q=nothingofthekind")
        expect(page.get_by_role("row").filter(has_text="2026-03-01")).to_contain_text("unknown")


def test_texts_and_names_of_others_are_text(served: Served, browser: Browser) -> None:
    with signed_in(browser, served, served.token, DESK) as context:
        page = context.new_page()
        heard = listen(page, served.base)
        page.goto(f"{served.base}/channels/swift_media")
        expect(page.locator("h1")).to_have_text("Swift <b>Media</b>")
        page.goto(f"{served.base}/search?q=%22alert(1)%22%20OR%20%D8%A8%D9%8A%D8%A7%D9%86")
        expect(page.locator(".text").first).to_contain_text("<script>alert(1)</script>")
        assert {each.get_attribute("dir") for each in page.locator(".text").all()} == {"auto"}
        page.goto(f"{served.base}/episodes/5")
        expect(page.get_by_text("<i>markup of nobody's</i>")).to_be_visible()
    assert heard.console == []


def test_a_persons_word_on_an_episode_is_kept(served: Served, browser: Browser) -> None:
    with signed_in(browser, served, served.token, PHONE) as context:
        page = context.new_page()
        page.goto(f"{served.base}/episodes/2")
        page.get_by_label("Wrong: a false alarm").check()
        page.get_by_label("Note").fill("a feast <day>")
        page.get_by_role("button", name="Keep it").click()
        expect(page.locator("article").first).to_contain_text("Layla")
        expect(page.locator("article").first).to_contain_text("a feast <day>")
        page.goto(f"{served.base}/episodes?kind=drop")
        expect(page.get_by_role("row").nth(1)).to_contain_text("Wrong: a false alarm")
    with signed_in(browser, served, served.reader, PHONE) as context:
        page = context.new_page()
        page.goto(f"{served.base}/episodes/2")
        expect(page.get_by_role("button", name="Keep it")).to_have_count(0)


def test_what_cannot_be_read_says_where_and_what_is_not_there_says_so(
    served: Served, browser: Browser
) -> None:
    with signed_in(browser, served, served.token, DESK) as context:
        page = context.new_page()
        for address, status, words in (
            ("/search?q=%28one", 400, "⟨?⟩"),
            ("/search?since=yesterday", 400, "is no day"),
            ("/channels/nobody", 404, "no channel"),
            ("/channels/kite_news/99999999999999999999", 404, "is held"),
            ("/episodes/x", 404, "no episode"),
            ("/claims/77777", 404, "no incident"),
            ("/tune/kite_news?budget=nan", 400, "no threshold"),
        ):
            answer = page.goto(f"{served.base}{address}")
            assert answer is not None
            assert answer.status == status, address
            expect(page.get_by_role("alert")).to_contain_text(words)


def test_a_threshold_is_moved_and_kept_with_who_and_why(served: Served, browser: Browser) -> None:
    with signed_in(browser, served, served.token, DESK) as context:
        page = context.new_page()
        heard = listen(page, served.base)
        page.set_default_timeout(60_000)
        page.goto(f"{served.base}/tune/owl_post")
        before = page.locator("[data-tuned]").inner_text()
        with page.expect_response(lambda answer: "budget=2" in answer.url):
            page.locator("[data-tune]").fill("5")
        expect(page.locator("[data-tuned]")).to_contain_text("The one that counts now is")
        assert page.locator("[data-tuned]").inner_text() != before
        assert serious(page) == []
        page.get_by_label("Why").fill("too many on Fridays")
        page.get_by_role("button", name="Keep it").click()
        expect(page.locator("[data-tuned]")).to_contain_text("It was set on these pages or in the bot.")
        expect(page.locator("#budget")).to_have_value("2.0")
    assert heard.console == []


def test_a_form_from_elsewhere_or_of_too_low_a_role_is_refused(served: Served, browser: Browser) -> None:
    with signed_in(browser, served, served.reader, DESK) as context:
        page = context.new_page()
        page.goto(f"{served.base}/tune/owl_post")
        csrf = page.locator("input[name=csrf]").first.get_attribute("value")
        assert csrf
        low = {"csrf": csrf, "says": "wrong", "budget": "1", "reason": "x"}
        for address in ("/episodes/1/opinion", "/tune/owl_post"):
            assert page.request.post(f"{served.base}{address}", form=low).status == 403
    with signed_in(browser, served, served.token, DESK) as context:
        for address in ("/episodes/1/opinion", "/tune/owl_post"):
            form = {"csrf": "0" * 64, "says": "wrong", "budget": "1", "reason": "x"}
            assert context.request.post(f"{served.base}{address}", form=form).status == 403


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_weekdays_of_a_rhythm_are_in_sight_on_a_phone(
    served: Served, browser: Browser, language: str
) -> None:
    with signed_in(browser, served, served.reader, PHONE) as context:
        page = context.new_page()
        page.goto(f"{served.base}/channels/kite_news?lang={language}")
        box = page.locator("svg.heat text.tick").first.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE


def test_without_signing_in_nothing_is_shown(served: Served, browser: Browser) -> None:
    context = browser.new_context()
    try:
        for address in (*PAGES, "/episodes/1/opinion"):
            answer = context.request.get(f"{served.base}{address}", max_redirects=0)
            assert answer.status in (303, 405), address
    finally:
        context.close()


def test_pages_are_kept_by_nobody_and_our_files_for_good(served: Served, browser: Browser) -> None:
    with signed_in(browser, served, served.token, DESK) as context:
        page = context.new_page()
        answer = page.goto(served.base)
        assert answer is not None
        assert answer.headers["cache-control"] == "no-store"
        style = page.locator("link[rel=stylesheet]").get_attribute("href")
        kept = context.request.get(f"{served.base}{style}")
        assert "immutable" in kept.headers["cache-control"]
        assert context.request.get(f"{served.base}/static/000000000000/pages.css").status == 404
        assert context.request.get(f"{served.base}/static/x/..%2F..%2Fgate.py").status == 404
