"""What a hostile client sends: injections, bodies and heads without end, drips, other hosts' names."""

import asyncio
import contextlib
from itertools import cycle
from urllib.parse import quote

import pytest
from sqlalchemy import text

from storage.store import Store
from tests.support.archived import fill_all
from tests.support.searching import post, put
from tests.support.serving import Served, make_token, serving

INJECTIONS = (
    "' OR '1'='1",
    "'; DROP TABLE posts; --",
    '" OR ""="',
    "1) UNION SELECT secret_hash FROM tokens --",
    "\\'; --",
    "x'||(SELECT name FROM tokens)||'",
    "%27%20OR%201=1",
    "\0",
    "a\0b",
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "NEAR(a b, 5)",
    "body : x",
    "{body} : x",
    "^rocket",
    "rocket + drone",
    "a AND OR b",
    "((((((((((",
    '"' * 99,
    "*",
    "-",
    "-- -",
    "a" * 999,
    "ط" * 900,
    "!a | b & c <-> d",
    "a:*",
    "'a':B",
    "$1",
    ":v0",
    "{{7*7}}",
    "${jndi:ldap://127.0.0.1/a}",
    "\r\nSet-Cookie: a=b",
    "🔥" * 200,
)


@pytest.mark.parametrize("field", ["q", "channel", "topic", "claimant", "place", "weapon", "forwarded_from"])
async def test_nothing_is_injected_by_any_filter(store: Store, field: str) -> None:
    """No answer is an error of ours, none holds what a filter should have kept out, nothing is broken."""
    await fill_all(store)
    token = await make_token(store)
    async with serving(store) as running, running.client(token) as client:
        of_claims = ("/claims",) if field in ("channel", "claimant", "place", "weapon") else ()
        others = cycle(("/counts", "/exports/posts", *of_claims))  # in turn, for all read filters alike
        for sent in INJECTIONS:
            if (field, sent) == ("forwarded_from", "*"):
                continue  # which asks for whatever was forwarded
            for path in ("/posts", next(others)):
                answer = await client.get(f"/api/v1{path}", params={field: sent})
                assert answer.status_code in (200, 400, 404, 422), (path, sent, answer.text)
                assert "set-cookie" not in answer.headers
                assert "49" not in answer.headers.values()
                if answer.status_code == 200 and field != "q":
                    found = answer.json() if path != "/exports/posts" else {"rows": answer.text}
                    assert not found.get("claims")
                    assert not found.get("posts")
                    assert not found.get("total")
                    assert not found.get("rows")
        assert len((await client.get("/api/v1/posts")).json()["posts"]) == 6
        async with store.read() as tx:
            assert len(await tx.credentials.tokens()) == 1


async def test_nothing_is_reached_by_a_path(store: Store) -> None:
    await fill_all(store)
    token = await make_token(store)
    async with serving(store) as running, running.client(token) as client:
        for path in (
            "../config.toml",
            "..%2f..%2fetc%2fpasswd",
            "%2e%2e/%2e%2e/etc/passwd",
            *map(quote, INJECTIONS),
        ):
            for base in ("/api/v1/channels/", "/api/v1/exports/", "/api/v1/", "/sign-in/", "/"):
                answer = await client.get(base + path, headers={"Accept": "text/html"})
                assert answer.status_code in (200, 303, 400, 403, 404, 405, 422), (base, path)
                assert "root:" not in answer.text
                assert "[storage]" not in answer.text
                # Nobody's script but our own.
                assert answer.text.count("<script") == answer.text.count('<script src="/static/')


async def test_texts_of_the_archive_come_as_text(store: Store) -> None:
    await put(store, post(1, "</script><script>alert(1)</script> \r\nX: y"))
    token = await make_token(store)
    async with serving(store) as running, running.client(token) as client:
        for path in ("/posts", "/channels/7/posts/1", "/exports/posts"):
            answer = await client.get(f"/api/v1{path}", headers={"Accept": "text/html"})
            assert answer.headers["content-type"] in ("application/json", "application/x-ndjson")
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert "x" not in answer.headers


async def said(running: Served, *parts: bytes, pause: float = 0.0, within: float = 20) -> bytes:
    """What the server answers to these bytes until it hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    try:
        with contextlib.suppress(ConnectionError):
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause)
        async with asyncio.timeout(within):
            with contextlib.suppress(ConnectionError):
                return await reader.read()
        return b""
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def test_bodies_and_heads_without_end_are_refused(store: Store) -> None:
    token = await make_token(store)
    async with serving(store) as running, running.client(token) as client:
        head = b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        form = b"Content-Type: application/x-www-form-urlencoded\r\n"
        large = await said(running, head + form + b"Content-Length: 999999999\r\n\r\n")
        assert large.startswith(b"HTTP/1.1 413 ")
        chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
        endless = await said(running, head + form + b"Transfer-Encoding: chunked\r\n\r\n", *[chunk] * 40)
        # Hung up on while it still sends, it may or may not get to see the answer.
        assert endless[:13] in (b"HTTP/1.1 413 ", b"")
        many = b"".join(b"X-%d: %s\r\n" % (n, b"a" * 100) for n in range(2000))
        assert (await said(running, head + many + b"\r\n"))[:13] in (b"HTTP/1.1 400 ", b"")
        for method in (b"GET", b"DELETE"):
            get = method + b" /api/v1/posts HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            assert (await said(running, get + b"Content-Length: 70000\r\n\r\n"))[:13] == b"HTTP/1.1 413 "
        assert (await client.get("/api/v1/posts", params={"q": "a" * 9000})).status_code == 414
        assert (await client.get("/api/v1/posts", params={"channel": ["a"] * 60})).status_code == 422
        fields = "&".join(f"f{n}=1" for n in range(500))
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        assert (await client.post("/sign-in", content=fields, headers=kind)).status_code == 400
        assert (await client.get("/api/v1/posts")).status_code == 200


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /api/v1/posts HTTP/1.1\r\n\r\n",
        b"GET /api/v1/posts HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET /api/v1/posts HTTP/1.1\r\nHost: 127.0.0.1.evil.example\r\n\r\n",
        b"GET /api/v1/posts HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n",
        b"GET /api/v1/posts HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET /api/v1/posts HTTP/1.1\r\nHost: 127.0.0.1\r\nA: b\x00c\r\n\r\n",
        b"GET /api/v1/posts\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
async def test_what_is_no_request_for_us_is_answered_with_nothing_of_ours(
    store: Store, request_line: bytes
) -> None:
    async with serving(store, patience="1s") as running:
        answer = await said(running, request_line)
        assert not answer.startswith(b"HTTP/1.1 2")
        assert not answer.startswith(b"HTTP/1.1 5")


async def test_whoever_drips_a_request_is_hung_up_on_while_others_are_served(store: Store) -> None:
    token = await make_token(store)
    drip = [b"GET /api/v1/token HTTP/1.1\r\nHost: 127.0.0.1\r\n", *[b"X: y\r\n"] * 40]
    body = b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n"
    kind = b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    async with serving(store, patience="1s") as running, running.client(token) as client:
        slow = asyncio.gather(
            said(running, b""),
            said(running, *drip, pause=0.2),
            said(running, body + kind, *[b"a"] * 40, pause=0.2),
        )
        while not slow.done():
            assert (await client.get("/api/v1/token")).status_code == 200
            await asyncio.sleep(0.2)
        assert [b" 200 " in answer for answer in await slow] == [False] * 3


async def test_whoever_takes_nothing_of_an_export_is_hung_up_on_and_holds_nothing(store: Store) -> None:
    await put(store, *[post(n, f"{n} " + "long " * 2000) for n in range(1, 1500)])
    token = await make_token(store)
    get = f"GET /api/v1/exports/posts HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n"
    async with serving(store, patience="1s", exports_at_once=1) as running, running.client(token) as client:
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port, limit=1024)
        writer.write(get.encode())
        assert b"200" in await reader.readline()
        busy = await client.get("/api/v1/exports/posts")
        assert (busy.status_code, busy.json()["type"]) == (429, "urn:deadair:problem:exports-busy")
        for _ in range(100):
            answer = await client.get("/api/v1/exports/gaps")
            if answer.status_code == 200:
                break
            await asyncio.sleep(0.2)
        assert answer.status_code == 200
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def test_more_connections_than_there_may_be_are_told_to_come_back(store: Store) -> None:
    token = await make_token(store)
    async with serving(store, connections=5) as running, running.client(token) as client:
        held = [await asyncio.open_connection("127.0.0.1", running.port) for _ in range(6)]
        try:
            assert (await client.get("/api/v1/token")).status_code == 503
        finally:
            for _, writer in held:
                writer.close()
                await writer.wait_closed()
        for _ in range(50):
            if (await client.get("/api/v1/token")).status_code == 200:
                break
            await asyncio.sleep(0.1)
        assert (await client.get("/api/v1/token")).status_code == 200


async def test_what_goes_wrong_here_is_not_told_in_detail(store: Store) -> None:
    """The log says it; whoever asks learns nothing of tables, statements and files."""
    await fill_all(store)
    token = await make_token(store)
    async with store.begin() as tx:
        await tx.connection.execute(text("DROP TABLE opinions"))
    async with serving(store) as running, running.client(token) as client:
        answer = await client.get("/api/v1/episodes/1")
        assert answer.status_code in (500, 503)
        assert answer.headers["content-type"] == "application/problem+json"
        assert "opinions" not in answer.text
        assert (await client.get("/api/v1/episodes")).status_code == 200
