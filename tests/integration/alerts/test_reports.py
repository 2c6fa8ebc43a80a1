"""Records of outages, from files and over HTTP."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from structlog.testing import capture_logs

from alerts.reports import Reports

NOW = datetime(2031, 3, 3, 12, tzinfo=UTC)
EVERY = timedelta(minutes=10)
EVENT = {"location": "country/IQ", "start": int(NOW.timestamp()), "duration": 3600, "datasource": "bgp"}


class Maker:
    """Who gives out outages."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.status, self.body = 200, json.dumps({"data": [EVENT]}).encode()
        maker = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                maker.asked.append((self.path, self.headers.get("If-None-Match")))
                known = self.headers.get("If-None-Match") == '"1"'
                self.send_response(304 if known and maker.status == 200 else maker.status)
                self.send_header("ETag", '"1"')
                self.end_headers()
                if not known:
                    self.wfile.write(maker.body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)


@pytest.fixture
def maker() -> Iterator[Maker]:
    made = Maker()
    made.thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    made.thread.join()


async def test_an_address_is_asked_for_the_last_days_and_not_again_before_it_is_time(maker: Maker) -> None:
    reports = Reports([f"{maker.address}/events?from={{from}}&until={{until}}"], EVERY)
    reports.look(NOW)
    await reports.done()
    assert [(o.country, o.what) for o in reports.outages] == [("IQ", "bgp")]
    until = int(NOW.timestamp())
    assert maker.asked == [(f"/events?from={until - 172800}&until={until}", None)]
    reports.look(NOW + EVERY / 2)
    await reports.done()
    assert len(maker.asked) == 1


async def test_what_has_not_changed_is_not_sent_again_and_stays_known(maker: Maker) -> None:
    reports = Reports([maker.address], EVERY)
    for n in range(2):
        reports.look(NOW + n * EVERY)
        await reports.done()
    assert [etag for _, etag in maker.asked] == [None, '"1"']
    assert len(reports.outages) == 1


async def test_a_failure_is_said_once_keeps_what_was_known_and_its_end_is_said(maker: Maker) -> None:
    reports = Reports([maker.address], EVERY)
    with capture_logs() as logs:
        for n, status in enumerate((200, 500, 503, 200)):
            maker.status = status
            reports.look(NOW + n * EVERY)
            await reports.done()
            assert len(reports.outages) == 1
    said = [log["event"] for log in logs]
    assert said == ["alerts: outages cannot be read", "alerts: outages can be read again"]
    assert "500" in logs[0]["reason"]


async def test_whoever_is_not_there_or_talks_nonsense_is_no_trouble_for_the_others(
    maker: Maker, tmp_path: Path
) -> None:
    (tmp_path / "outages.json").write_text(json.dumps({"data": [EVENT]}))
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "deep.json").write_text("[" * 100_000)
    nobody, no_address = "http://127.0.0.1:1/", "http://127.0.0.1:1/a b?key=hunter2"
    names = ["missing.json", "broken.json", "deep.json", nobody, no_address, "outages.json"]
    reports = Reports(names, EVERY, tmp_path)
    with capture_logs() as logs:
        reports.look(NOW)
        await reports.done()
    sources = [log["source"] for log in logs]
    assert sources == [
        "missing.json",
        "broken.json",
        "deep.json",
        "http://127.0.0.1:1",
        "http://127.0.0.1:1/***",
    ]
    assert "hunter2" not in str(logs)
    assert [o.country for o in reports.outages] == ["IQ"]


async def test_looking_never_waits_and_closing_ends_it(tmp_path: Path) -> None:
    reports = Reports(["outages.json"], EVERY, tmp_path)
    (tmp_path / "outages.json").write_text(json.dumps({"data": [EVENT]}))
    reports.look(NOW)
    assert reports.outages == []  # it has only begun
    await asyncio.sleep(0)
    await reports.close()
    nothing = Reports([], EVERY)
    nothing.look(NOW)
    await nothing.done()
    assert (nothing.fetched, nothing.outages) == (0, [])
