"""Signing in to the pages over real HTTP: by a link that opens once, by a token, and out again."""

from datetime import timedelta

import httpx
import pytest

from domain.credential import Scope
from domain.subscription import Role, Subscriber
from storage.store import Store
from tests.support.serving import ASKED_AT, Served, make_link, make_token, serving


def cookie_of(answer: httpx.Response) -> str:
    return answer.headers["set-cookie"]


async def form(client: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    return await client.post(path, data=fields, headers={"Origin": str(client.base_url)})


async def who(running: Served, client: httpx.AsyncClient) -> Role | None:
    """In which role the client is signed in, by the door itself."""
    from starlette.requests import Request

    from archive.web.door import Door

    door = Door(running.config, running.store, running.clock)
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    scope = {"type": "http", "headers": [(b"cookie", cookies.encode())], "query_string": b""}
    visitor = await door.visitor(Request(scope))
    return visitor.role if visitor else None


async def test_a_link_signs_in_once_and_looking_at_it_does_not_use_it_up(store: Store) -> None:
    code = await make_link(store, role=Role.ANALYST)
    async with serving(store) as running, running.client() as client, running.client() as other:
        for _ in range(2):  # a messenger looks at links for its preview
            looked = await client.get(f"/sign-in/{code}")
            assert looked.status_code == 200
            assert "set-cookie" not in looked.headers
        answer = await form(client, "/sign-in", code=code)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie_of(answer).split("; "))
        assert await who(running, client) is Role.ANALYST
        again = await form(other, "/sign-in", code=code)
        assert again.status_code == 403
        assert again.json()["type"] == "urn:deadair:problem:link-spent"
        assert await who(running, other) is None


async def test_a_link_that_is_too_old_or_invented_opens_nothing(store: Store) -> None:
    code = await make_link(store, lasts=timedelta(minutes=1))
    async with serving(store) as running, running.client() as client:
        running.clock.advance(timedelta(minutes=1))
        for tried in (code, "x" * 43, "", "' OR 1=1 --"):
            assert (await form(client, "/sign-in", code=tried)).status_code == 403
        assert await who(running, client) is None


async def test_a_token_signs_in_only_with_the_scope_for_it_and_ends_with_it(store: Store) -> None:
    pages = await make_token(store, Scope.PAGES, role=Role.OPS)
    posts = await make_token(store, Scope.POSTS)
    async with serving(store) as running, running.client() as client:
        assert (await form(client, "/sign-in", token=posts)).status_code == 403
        assert (await form(client, "/sign-in", token=pages, next="/now?x=1")).headers[
            "location"
        ] == "/now?x=1"
        assert await who(running, client) is Role.OPS
        async with store.begin() as tx:
            (first, *_) = await tx.credentials.tokens()
            assert await tx.credentials.revoke_token(first.id, ASKED_AT)
        assert await who(running, client) is None


async def test_a_session_has_the_role_of_its_chat_today_and_ends_with_it(store: Store) -> None:
    subscriber = Subscriber(
        chat_id=5, name="Ana", role=Role.OPS, let_in_at=ASKED_AT, let_in_by="config", language="fa"
    )
    async with store.begin() as tx:
        await tx.subscriptions.let_in(subscriber)
    code = await make_link(store, role=Role.OPS, chat_id=5)
    async with serving(store) as running, running.client() as client:
        await form(client, "/sign-in", code=code)
        assert await who(running, client) is Role.OPS
        async with store.begin() as tx:
            await tx.subscriptions.let_in(
                Subscriber(chat_id=5, name="Ana", role=Role.GUEST, let_in_at=ASKED_AT, let_in_by="config")
            )
        assert await who(running, client) is Role.GUEST
        async with store.begin() as tx:
            await tx.subscriptions.end(5, ASKED_AT, "put out")
        assert await who(running, client) is None


async def test_a_session_ends_with_its_time_and_by_signing_out(store: Store) -> None:
    async with serving(store, session="1h") as running, running.client() as client:
        await form(client, "/sign-in", code=await make_link(store))
        assert await who(running, client) is Role.ANALYST
        kept = dict(client.cookies)
        foreign = await form(client, "/sign-out", csrf="0" * 64)
        assert foreign.status_code == 403
        assert await who(running, client) is Role.ANALYST
        running.clock.advance(timedelta(hours=1))
        assert await who(running, client) is None
        running.clock.advance(-timedelta(hours=1))
        from archive.web.csrf import csrf_of

        done = await form(client, "/sign-out", csrf=csrf_of(kept["deadair"]))
        assert done.headers["location"] == "/sign-in"
        async with running.client(cookies=kept) as thief:
            assert await who(running, thief) is None


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Content-Type": "application/json"}, 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ({"Content-Type": "text/plain"}, 415),
    ],
)
async def test_another_sites_page_signs_nobody_in(store: Store, headers: dict[str, str], status: int) -> None:
    code = await make_link(store)
    async with serving(store) as running, running.client() as client:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await client.post("/sign-in", content=f"code={code}", headers={**kind, **headers})
        assert answer.status_code == status
        assert (await form(client, "/sign-in", code=code)).status_code == 303


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/a\r\nSet-Cookie: x=y",
    ],
)
async def test_nobody_is_sent_elsewhere_by_signing_in(store: Store, wanted: str) -> None:
    async with serving(store) as running, running.client() as client:
        answer = await form(client, "/sign-in", code=await make_link(store), next=wanted)
        assert answer.status_code == 303
        assert answer.headers["location"] in ("/", "/a%0D%0ASet-Cookie:%20x=y")
        assert len(answer.headers.get_list("set-cookie")) == 1
