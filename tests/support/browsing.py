"""A real browser over the pages, served over real HTTP with a filled archive."""

import asyncio
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from alerts.config import AlertsConfig
from archive.pages.gate import DoorGate
from archive.pages.names import Names, names_of
from archive.pages.site import Site
from archive.web.config import WebConfig
from archive.web.serve import served
from claims.lexicon.load import load
from deadair.wiring import web_app
from domain.clock import SetClock
from domain.credential import Scope
from domain.subscription import Role
from storage.config import StorageConfig
from storage.store import open_store
from tests.support.birds import NOW, fill
from tests.support.serving import make_link, make_token

PHONE, DESK = 390, 1200


@dataclass
class Served:
    base: str
    token: str
    reader: str  #: a token that may only look
    links: dict[str, str]  #: codes of one-time links: `open`, `old`


@dataclass
class Heard:
    """What a page said and asked for that it should not have."""

    console: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


def chromium() -> str:
    """Debian's browser. Skips where there is none, but not in continuous integration."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is not installed: apt-get install chromium")
        pytest.skip("needs Debian's chromium")
    return found


@contextmanager
def serving_birds(url: str) -> Iterator[Served]:
    """The invented archive, put where `url` says, served by a thread of its own: the browser's driver has no
    room for another loop.
    """
    ready, stop = threading.Event(), threading.Event()
    found: list[Served] = []
    failed: list[BaseException] = []

    async def serve() -> None:
        async with open_store(StorageConfig(url=url)) as store:
            await fill(store)
            config = WebConfig(listen="127.0.0.1:0", per_minute=100_000, wrong_per_minute=1000)
            clock = SetClock(NOW)

            async def names() -> Names:
                return names_of(await asyncio.to_thread(load))

            site = Site(
                store=store, clock=clock, rules=AlertsConfig(), gate=DoorGate("Asia/Baghdad"), named=names
            )
            token = await make_token(store, Scope.PAGES, name="Layla", role=Role.OPS, made_at=NOW)
            reader = await make_token(store, Scope.PAGES, name="Omar", role=Role.GUEST, made_at=NOW)
            links = {
                "open": await make_link(store, made_at=NOW),
                "old": await make_link(store, made_at=NOW - timedelta(hours=1)),
            }
            async with web_app(config, store, clock, site=site) as app, served(config, app) as port:
                found.append(Served(f"http://127.0.0.1:{port}", token, reader, links))
                ready.set()
                await asyncio.to_thread(stop.wait)

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            failed.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run)
    thread.start()
    ready.wait(120)
    try:
        if failed:
            raise failed[0]
        yield found[0]
    finally:
        stop.set()
        thread.join(60)
    if failed:
        raise failed[0]


@contextmanager
def running_browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def signed_in(browser: Browser, served: Served, token: str, width: int) -> Iterator[BrowserContext]:
    """Somebody who signed in by the form."""
    context = browser.new_context(viewport={"width": width, "height": 850}, locale="en-GB")
    try:
        page = context.new_page()
        page.goto(f"{served.base}/")
        page.get_by_label("Token").fill(token)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{served.base}/")
        page.close()
        yield context
    finally:
        context.close()


def listen(page: Page, base: str) -> Heard:
    """Note what is said on the console, and every request to anywhere else."""
    heard = Heard()
    page.on("console", lambda said: heard.console.append(said.text))
    page.on("pageerror", lambda error: heard.console.append(str(error)))
    page.on(
        "request",
        lambda asked: None if asked.url.startswith((base, "data:")) else heard.elsewhere.append(asked.url),
    )
    return heard
