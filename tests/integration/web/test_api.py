"""Every resource of the API over real HTTP, on both engines."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest

from domain.credential import Scope
from storage.store import Store
from tests.support.archived import fill_all, one_more
from tests.support.searching import NOON
from tests.support.serving import make_token, serving


async def asked(client: httpx.AsyncClient, path: str, **params: Any) -> Any:
    answer = await client.get(f"/api/v1{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_every_resource_says_what_the_archive_holds(store: Store) -> None:
    await fill_all(store)
    token = await make_token(store)
    async with serving(store) as running, running.client(token) as client:
        about = await asked(client, "/about")
        assert (about["posts"], about["not_yet_searchable"], about["reader_version"]) == (6, 0, 1)
        assert set((await asked(client, "/token"))["scopes"]) == {scope.value for scope in Scope}

        channels = await asked(client, "/channels")
        assert [c["id"] for c in channels["channels"]] == [7, 8, 9]
        assert [c["id"] for c in (await asked(client, "/channels", group="birds"))["channels"]] == [7, 8]
        falcon = await asked(client, "/channels/@Falcon_News")
        assert (falcon["id"], falcon["name"]) == (7, "@falcon_news")
        assert (await asked(client, "/channels/بلا اسم"))["id"] == 9

        found = (await asked(client, "/posts", q="طائرة"))["posts"]
        assert [(p["channel"]["id"], p["post_id"]) for p in found] == [(7, 1)]
        snippet = found[0]["snippet"]
        assert [snippet["text"][a:b] for a, b in snippet["marks"]] == ["بطائرة"]
        assert [p["post_id"] for p in (await asked(client, "/posts", topic="drones"))["posts"]] == [4, 3, 1]
        assert [p["post_id"] for p in (await asked(client, "/posts", deleted=True))["posts"]] == [5]
        two = await asked(client, "/posts", channel=["@heron", "9"], order="oldest")
        assert [p["post_id"] for p in two["posts"]] == [4, 5, 6]

        whole = await asked(client, "/channels/9/posts/6")
        assert [v["text"] for v in whole["versions"]] == ["first wording of it", "second wording of it"]
        assert [p["change"] for p in whole["versions"][1]["pieces"]] == ["removed", "added", "same"]
        first = await asked(client, "/channels/falcon_news/posts/1")
        assert [(r["channel"]["id"], r["post_id"], r["forwarded"]) for r in first["relays"]] == [(8, 4, True)]
        (claim,) = first["claims"]
        assert (claim["claimant"], claim["place"], claim["weapons"]) == ("kh", "harir", ["drone"])
        assert claim["evidence"][0]["words"] == first["versions"][0]["text"][0:4]
        assert (await asked(client, "/channels/8/posts/5"))["deletions"][0]["returned_at"] is None


async def test_what_was_not_watched_is_null_and_never_zero(store: Store) -> None:
    await fill_all(store)
    token = await make_token(store)
    async with serving(store) as running, running.client(token) as client:
        of_kite = await asked(client, "/channels/9/activity", since=(NOON - timedelta(hours=1)).isoformat())
        by_hour = {h["start"]: h["observed"] for h in of_kite["hours"]}
        assert by_hour["2026-03-01T11:00:00Z"] == 0
        assert by_hour["2026-03-01T13:00:00Z"] is None
        assert len(by_hour) == 25
        of_falcon = await asked(client, "/channels/7/activity")
        by_hour = {h["start"]: h["observed"] for h in of_falcon["hours"]}
        assert by_hour["2026-03-01T12:00:00Z"] == 3
        assert by_hour["2026-03-01T15:00:00Z"] == 0
        assert by_hour["2026-02-28T12:00:00Z"] is None
        of_topic = await asked(client, "/channels/7/activity", topic="drones")
        assert {h["start"]: h["observed"] for h in of_topic["hours"]}["2026-03-01T12:00:00Z"] == 2

        for by in ("day", "channel", "topic", "claimant"):
            counts = await asked(client, "/counts", by=by)
            assert counts["watched"] < 1
            whole = {row["key"] for row in counts["counts"] if row["observed"] is not None}
            assert whole == ({"@falcon_news", "@heron"} if by == "channel" else set())
        watched = {"since": NOON.isoformat(), "until": (NOON + timedelta(hours=1)).isoformat()}
        for by, rows in (
            ("day", {"2026-03-01": (6, 6)}),
            ("topic", {"drones": (3, 3), "attacks": (1, 1)}),
            ("claimant", {"kh": (2, 2), "nujaba": (1, 1)}),
        ):
            counts = await asked(client, "/counts", by=by, **watched)
            assert {r["key"]: (r["held"], r["observed"]) for r in counts["counts"]} == rows

        gaps = await asked(client, "/channels/9/gaps")
        assert [(g["cause"], g["missing"]) for g in gaps["gaps"]] == [("link", "posts")]
        spans = await asked(client, "/channels/7/watch-spans")
        assert [s["from_at"] for s in spans["watch_spans"]] == ["2026-03-01T11:00:00Z"]
        coverage = (await asked(client, "/coverage"))["coverage"]
        assert [(c["channel"]["id"], round(c["watched"], 3)) for c in coverage][:2] == [(7, 1.0), (8, 1.0)]
        assert coverage[2]["watched"] < 0.1
        assert coverage[2]["gap_hours"] == {"link": 23.0}


async def test_the_rhythm_is_said_once_it_is_known(store: Store) -> None:
    from domain.post import How
    from domain.reading import Reading
    from domain.watch import WatchSpan

    await fill_all(store)
    start = NOON - timedelta(days=30)
    async with store.begin() as tx:
        span = WatchSpan(channel_id=7, account="main", from_at=start, to_at=NOON, how=How.LIVE)
        await tx.watch.extend(span)
        await tx.tallies.add(
            Reading(
                channel_id=7,
                post_id=1000 + n,
                posted_at=start + n * timedelta(hours=1),
                reader_version=1,
                topics=("drones",) if n % 4 == 0 else (),
                claimants=("kh",) if n % 10 == 0 else (),
            )
            for n in range(30 * 24)
        )
    token = await make_token(store, Scope.WATCH)
    async with serving(store) as running, running.client(token) as client:
        hours = (await asked(client, "/channels/7/activity"))["hours"]
        assert all(0.5 < h["expected"] < 2 and h["lower"] <= h["expected"] <= h["upper"] for h in hours[-48:])
        for wanted, share in (({"topic": "drones"}, 1 / 4), ({"claimant": "kh"}, 1 / 10)):
            shares = (await asked(client, "/channels/7/activity", **wanted))["hours"]
            by_start = {h["start"]: h for h in shares}
            before = by_start["2026-03-01T09:00:00Z"]  # the channel posted once in that hour
            assert abs(before["expected"] - share) < 0.1 * share
            assert before["lower"] <= before["expected"] <= before["upper"]
            after = by_start["2026-03-01T20:00:00Z"]  # it posted nothing then, so nothing was to be expected
            assert (after["observed"], after["expected"]) == (0, 0)
        nothing = (await asked(client, "/channels/7/activity", topic="weather"))["hours"]
        assert {h["expected"] for h in nothing} == {None}


async def test_claims_incidents_and_episodes(store: Store) -> None:
    await fill_all(store)
    token = await make_token(store)
    async with serving(store) as running, running.client(token) as client:
        claims = await asked(client, "/claims")
        assert [(c["post_id"], c["claimant"]) for c in claims["claims"]] == [
            (3, "nujaba"),
            (2, "kh"),
            (1, "kh"),
        ]
        for params, posts in (
            ({"claimant": "kh"}, [2, 1]),
            ({"weapon": ["drone", "none"]}, [3, 1]),
            ({"place": "ain_asad", "claimant": "kh"}, [2]),
            ({"kind": "threat"}, []),
            ({"stands": True}, [3, 2, 1]),
            ({"stands": False}, []),
            ({"channel": "@heron"}, []),
            ({"since": (NOON + timedelta(minutes=2)).isoformat()}, [3, 2]),
            ({"weapon": "x'] OR 1=1 --"}, []),
        ):
            found = await asked(client, "/claims", **params)
            assert [c["post_id"] for c in found["claims"]] == posts, params
        (incident,) = (await asked(client, "/incidents", claimant="nujaba"))["incidents"]
        assert (incident["claims"], incident["claimants"]) == (2, ["kh", "nujaba"])
        whole = await asked(client, f"/incidents/{incident['id']}")
        assert [c["post_id"] for c in whole["told"]] == [2, 3]
        assert (await asked(client, "/incidents", claimant="nobody"))["incidents"] == []

        episodes = (await asked(client, "/episodes"))["episodes"]
        assert [(e["id"], e["state"]) for e in episodes] == [(2, "open"), (1, "closed")]
        assert [e["id"] for e in (await asked(client, "/episodes", state="closed"))["episodes"]] == [1]
        one = await asked(client, "/episodes/1")
        assert (one["opinions"][0]["says"], one["moves"][0]["move"]) == ("confirmed", "opened")
        assert one["evidence"] == ["we watched all of it"]
        assert "Ana" not in json.dumps(one)


@pytest.mark.parametrize("order", ["newest", "oldest", "relevance"])
async def test_a_cursor_stays_valid_while_posts_arrive(store: Store, order: str) -> None:
    await fill_all(store)
    for n in range(10, 20):
        await one_more(store, n, f"a rocket at place number {n} " + "rocket " * (n % 4))
    token = await make_token(store, Scope.POSTS)
    async with serving(store) as running, running.client(token) as client:
        at_once = [p["post_id"] for p in (await asked(client, "/posts", q="rocket", order=order))["posts"]]
        seen: list[int] = []
        params: dict[str, Any] = {"q": "rocket", "order": order, "limit": 3}
        for n in range(20, 30):
            page = await asked(client, "/posts", **params)
            seen += [p["post_id"] for p in page["posts"]]
            if page["next"] is None:
                break
            params["cursor"] = page["next"]
            await one_more(store, n, "rocket rocket rocket that arrived meanwhile")
        assert len(at_once) == 10
        assert seen[:10] == at_once
        assert len(set(seen)) == len(seen)
        if order != "oldest":
            assert seen == at_once


async def test_pages_of_everything_together_are_everything(store: Store) -> None:
    await fill_all(store)
    token = await make_token(store)
    async with serving(store) as running, running.client(token) as client:
        for path, key, n in (
            ("/channels", "channels", 3),
            ("/claims", "claims", 3),
            ("/episodes", "episodes", 2),
            ("/coverage", "coverage", 3),
            ("/incidents", "incidents", 1),
            ("/channels/7/watch-spans", "watch_spans", 1),
        ):
            got, cursor = [], None
            for _ in range(n):
                params = {"limit": 1, **({"cursor": cursor} if cursor else {})}
                page = await asked(client, path, **params)
                assert len(page[key]) == 1
                got += page[key]
                cursor = page["next"]
            assert cursor is None
            assert len({json.dumps(each) for each in got}) == n
        stranger = (await asked(client, "/claims", limit=1))["next"]
        for path, params in (("/claims", {"claimant": "kh"}), ("/episodes", {}), ("/posts", {})):
            answer = await client.get(f"/api/v1{path}", params={**params, "cursor": stranger})
            assert (answer.status_code, answer.json()["type"]) == (
                400,
                "urn:deadair:problem:cursor-not-usable",
            )


async def test_what_has_not_changed_is_not_sent_again(store: Store) -> None:
    await fill_all(store)
    token = await make_token(store)
    async with serving(store) as running, running.client(token) as client:
        for path in ("/posts?q=drone", "/counts?by=day", "/coverage", "/channels", "/episodes"):
            first = await client.get(f"/api/v1{path}")
            tag = first.headers["etag"]
            running.clock.advance(timedelta(seconds=5))
            again = await client.get(f"/api/v1{path}", headers={"If-None-Match": f'"other", W/{tag}'})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == tag
            assert again.headers["cache-control"] == "private, no-cache"
        await one_more(store, 30, "another drone")
        after = await client.get("/api/v1/posts?q=drone", headers={"If-None-Match": tag})
        assert after.status_code == 200


async def test_exports_are_streamed_in_every_format_and_again_as_of_the_same_instant(store: Store) -> None:
    await fill_all(store)
    token = await make_token(store, Scope.EXPORT)
    async with serving(store) as running, running.client(token) as client:
        lines = await client.get("/api/v1/exports/posts")
        assert lines.headers["content-type"] == "application/x-ndjson"
        assert lines.headers["transfer-encoding"] == "chunked"
        rows = [json.loads(line) for line in lines.text.splitlines()]
        assert [row["post_id"] for row in rows] == [1, 2, 3, 4, 5, 6]
        as_of = lines.headers["deadair-as-of"]
        await one_more(store, 40, "it came later")
        running.clock.advance(timedelta(hours=1))
        again = await client.get("/api/v1/exports/posts", params={"as_of": as_of})
        assert again.content == lines.content
        assert (await client.get("/api/v1/exports/posts")).text.count("\n") == 7

        table = await client.get("/api/v1/exports/posts", params={"format": "csv", "as_of": as_of})
        assert table.headers["content-type"] == "text/csv; charset=utf-8"
        read = list(csv.DictReader(io.StringIO(table.text)))
        assert read[4]["text"] == "'=SUM(A1:A9) is no formula"
        columns = await client.get("/api/v1/exports/activity", params={"format": "parquet", "as_of": as_of})
        parquet = pq.read_table(io.BytesIO(columns.content)).to_pylist()
        assert {row["observed"] for row in parquet if row["channel_id"] == 9} == {0, 1, None}
        for name, n in (("versions", 7), ("claims", 3), ("incidents", 1), ("watch_spans", 3), ("gaps", 1)):
            answer = await client.get(f"/api/v1/exports/{name}", params={"as_of": as_of})
            assert answer.text.count("\n") == n, name
        for wrong in ("nonsense", as_of[:-4], as_of.swapcase()):
            answer = await client.get("/api/v1/exports/posts", params={"as_of": wrong})
            assert answer.status_code == 400


async def test_an_archive_that_was_never_read_says_so(store: Store) -> None:
    from tests.support.searching import put

    await put(store, await _plain_post())
    token = await make_token(store)
    async with serving(store) as running, running.client(token) as client:
        assert (await asked(client, "/claims"))["reader_version"] is None
        assert (await asked(client, "/incidents"))["incidents"] == []
        assert (await client.get("/api/v1/channels/7/activity")).status_code == 409
        answer = await client.get("/api/v1/posts", params={"topic": "drones"})
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:deadair:problem:filter-not-usable")


async def _plain_post() -> Any:
    from tests.support.searching import post

    return post(1, "not read")


async def test_mistakes_are_told_with_what_to_do(store: Store) -> None:
    await fill_all(store)
    token = await make_token(store)
    async with serving(store) as running, running.client(token) as client:
        for path, status, code in (
            ("/posts?q=(drone", 400, "query-not-readable"),
            ("/posts?channel=nobody", 400, "filter-not-usable"),
            ("/posts?claimant=nobody", 400, "filter-not-usable"),
            ("/posts?limit=0", 422, "not-readable"),
            ("/posts?limits=5", 422, "not-readable"),
            ("/posts?since=2026-03-01", 422, "not-readable"),
            ("/posts?until=1772366400", 422, "not-readable"),
            ("/posts?since=2026-03-01T00:00:00", 422, "not-readable"),
            ("/counts?zone=Nowhere/Else", 400, "filter-not-usable"),
            ("/channels/nobody", 404, "no-such-channel"),
            ("/channels/7/posts/99", 404, "no-such-post"),
            ("/channels/7/posts/0", 422, "not-readable"),
            ("/channels/7/posts/9223372036854775808", 422, "not-readable"),
            ("/channels/7/activity?topic=a&claimant=b", 400, "filter-not-usable"),
            ("/channels/7/activity?since=2020-01-01T00:00:00Z", 400, "too-much"),
            ("/incidents/99", 404, "no-such-incident"),
            ("/episodes/99", 404, "no-such-episode"),
            ("/exports/passwords", 422, "not-readable"),
            ("/nothing", 404, "not-found"),
        ):
            answer = await client.get(f"/api/v1{path}")
            assert (answer.status_code, answer.json()["type"]) == (status, f"urn:deadair:problem:{code}"), (
                path
            )
            assert answer.headers["content-type"] == "application/problem+json"
        pointed = (await client.get("/api/v1/posts", params={"q": "drone (rocket"})).json()
        assert (pointed["at"], bool(pointed["why"])) == (6, True)
        posted = await client.post("/api/v1/posts")
        assert (posted.status_code, posted.headers["allow"]) == (405, "GET")
