"""Every wrong use of a token, over real HTTP: nothing is let in, and what is wrong is said."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from domain.credential import TOKEN_PREFIX, Scope, new_secret
from storage.store import Store
from tests.support.archived import fill_all
from tests.support.serving import ASKED_AT, make_token, serving

#: One resource of each scope.
RESOURCES = {
    Scope.POSTS: ("/channels", "/channels/7", "/posts", "/channels/7/posts/1", "/counts"),
    Scope.CLAIMS: ("/claims", "/incidents", "/incidents/1"),
    Scope.WATCH: ("/channels/7/activity", "/channels/7/watch-spans", "/channels/7/gaps", "/coverage"),
    Scope.EPISODES: ("/episodes", "/episodes/1"),
    Scope.EXPORT: ("/exports/posts", "/exports/claims?format=csv", "/exports?table=gaps"),
}


def code_of(answer: Any) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["type"]).removeprefix("urn:deadair:problem:")


async def test_each_scope_opens_its_own_resources_and_no_other(store: Store) -> None:
    await fill_all(store)
    async with serving(store) as running:
        for scope in Scope:
            async with running.client(await make_token(store, scope)) as client:
                assert (await client.get("/api/v1/about")).status_code == 200
                for needed, paths in RESOURCES.items():
                    for path in paths:
                        answer = await client.get(f"/api/v1{path}")
                        if needed is scope:
                            assert answer.status_code == 200, (scope, path)
                        else:
                            assert (answer.status_code, code_of(answer)) == (403, "scope-missing"), (
                                scope,
                                path,
                            )
                            assert answer.json()["needs"] == needed.value


async def test_a_token_that_is_none_opens_nothing(store: Store) -> None:
    token = await make_token(store)
    async with serving(store) as running, running.client() as client:
        hashed = hashlib.sha256(token.encode()).hexdigest()
        for given, code in (
            (None, "token-missing"),
            ("", "token-missing"),
            ("Bearer", "token-missing"),
            (f"Basic {token}", "token-missing"),
            (token, "token-missing"),
            (f"Bearer {token}, Bearer {token}", "token-missing"),
            (f"Bearer {new_secret(TOKEN_PREFIX)}", "token-unknown"),
            (f"Bearer {token[:-1]}", "token-unknown"),
            (f"Bearer {token}x", "token-unknown"),
            (f"Bearer {token.upper()}", "token-unknown"),
            (f"Bearer {token.removeprefix(TOKEN_PREFIX)}", "token-unknown"),
            (f"Bearer {hashed}", "token-unknown"),
            (f"Bearer {TOKEN_PREFIX}{hashed}", "token-unknown"),
            (f"Bearer {TOKEN_PREFIX}' OR '1'='1", "token-unknown"),
            (f"Bearer {TOKEN_PREFIX}%", "token-unknown"),
            (f"Bearer {TOKEN_PREFIX}{'x' * 5000}", "token-unknown"),
        ):
            headers = {} if given is None else {"Authorization": given}
            answer = await client.get("/api/v1/posts", headers=headers)
            assert (answer.status_code, code_of(answer)) == (401, code), given
            assert answer.headers["www-authenticate"].startswith("Bearer ")
            assert token not in answer.text
        assert (await client.get("/api/v1/posts", headers={"Authorization": f"bearer {token}"})).is_success


async def test_a_token_in_the_address_is_refused_even_where_the_right_one_is_sent_too(store: Store) -> None:
    token = await make_token(store)
    async with serving(store) as running, running.client(token) as client, running.client() as bare:
        for name in ("token", "access_token", "api_key", "Authorization", "q", "anything"):
            for each in (client, bare):
                answer = await each.get("/api/v1/posts", params={name: token})
                assert (answer.status_code, code_of(answer)) == (400, "token-in-address")
                assert token not in answer.text
        assert (await bare.get("/api/v1/posts", headers={"Cookie": f"deadair={token}"})).status_code == 401


async def test_two_tokens_are_one_too_many(store: Store) -> None:
    token, other = await make_token(store), await make_token(store)
    async with serving(store) as running, running.client() as client:
        for pair in ((token, token), (token, other), (other, "nonsense")):
            headers = [("Authorization", f"Bearer {each}") for each in pair]
            answer = await client.get("/api/v1/posts", headers=headers)
            assert (answer.status_code, code_of(answer)) == (400, "token-twice")


async def test_an_expired_or_revoked_token_opens_nothing_from_that_instant_on(store: Store) -> None:
    short = await make_token(store, lasts=timedelta(hours=1))
    revoked = await make_token(store, name="to be revoked")
    for_ever = await make_token(store, lasts=None)
    async with serving(store) as running:
        async with running.client(short) as client:
            assert (await client.get("/api/v1/posts")).is_success
            running.clock.advance(timedelta(hours=1))
            answer = await client.get("/api/v1/posts")
            assert (answer.status_code, code_of(answer)) == (401, "token-expired")
        async with running.client(revoked) as client:
            assert (await client.get("/api/v1/posts")).is_success
            async with store.begin() as tx:
                assert await tx.credentials.revoke_token(2, ASKED_AT)
                assert not await tx.credentials.revoke_token(2, ASKED_AT)
            answer = await client.get("/api/v1/posts")
            assert (answer.status_code, code_of(answer)) == (401, "token-revoked")
        async with running.client(for_ever) as client:
            running.clock.advance(timedelta(days=10_000))
            assert (await client.get("/api/v1/posts")).is_success


async def test_only_the_hash_of_a_token_is_kept(store: Store) -> None:
    secret = await make_token(store)
    async with store.read() as tx:
        (kept,) = await tx.credentials.tokens()
    assert secret not in repr(kept)
    assert kept.secret_hash == hashlib.sha256(secret.encode()).hexdigest()


async def test_a_token_asks_as_often_as_it_may_and_others_are_not_kept_waiting(store: Store) -> None:
    slow, other = await make_token(store, per_minute=3), await make_token(store)
    async with serving(store) as running, running.client(slow) as client, running.client(other) as second:
        answers = [await client.get("/api/v1/token") for _ in range(4)]
        assert [a.status_code for a in answers] == [200, 200, 200, 429]
        assert [a.headers["ratelimit-remaining"] for a in answers] == ["2", "1", "0", "0"]
        assert code_of(answers[3]) == "too-many-requests"
        assert 1 <= int(answers[3].headers["retry-after"]) <= 20
        assert (await second.get("/api/v1/token")).status_code == 200


async def test_guessing_is_slowed_down_and_the_right_token_still_opens(store: Store) -> None:
    token = await make_token(store)
    async with serving(store, wrong_per_minute=5) as running, running.client() as client:
        statuses = []
        for _ in range(8):
            guess = {"Authorization": f"Bearer {new_secret(TOKEN_PREFIX)}"}
            statuses.append((await client.get("/api/v1/posts", headers=guess)).status_code)
        assert statuses == [401] * 5 + [429] * 3
        form = {"code": "guessed", "next": "/"}
        assert (await client.post("/sign-in", data=form)).status_code == 429
        right = {"Authorization": f"Bearer {token}"}
        assert (await client.get("/api/v1/posts", headers=right)).status_code == 200


async def test_when_a_token_was_last_used_is_kept(store: Store) -> None:
    token = await make_token(store)
    async with serving(store) as running, running.client(token) as client:
        await client.get("/api/v1/token")
        running.clock.advance(timedelta(minutes=2))
        await client.get("/api/v1/token")
        await running.settled()
        async with store.read() as tx:
            (kept,) = await tx.credentials.tokens()
        assert kept.used_at == ASKED_AT + timedelta(minutes=2)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_nothing_can_be_changed(store: Store, method: str) -> None:
    token = await make_token(store)
    async with serving(store) as running, running.client(token) as client:
        for path in ("/posts", "/channels/7", "/episodes/1", "/exports/posts"):
            answer = await client.request(method, f"/api/v1{path}")
            assert (answer.status_code, code_of(answer)) == (405, "method-not-allowed")
