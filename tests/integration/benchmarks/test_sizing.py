"""What docs/sizing.md rests on is measured as it is said to be, here at a tiny size."""

import re

import pytest

from benchmarks.sizing.__main__ import measure
from benchmarks.sizing.standby import standby
from benchmarks.sizing.wide import wide
from tests.support.postgres import Postgres


async def test_a_post_is_followed_all_the_way(
    store_url: str, engine_name: str, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    await measure(store_url, _server(engine_name, request), posts=60, channels=5, a_day=50, live=4, rounds=3)
    printed = capsys.readouterr().out
    rows = _table(printed, "room, a post")
    edits = int(re.search(r"and (\d+) edits", printed)[1]) / 64  # type: ignore[index]
    assert rows["posts"][0] == rows["readings"][0] == rows["documents"][0] == 1
    for kept_of_each_version in ("links", "raws"):
        assert rows[kept_of_each_version][0] == pytest.approx(1 + edits, abs=0.001)
    spent = _table(printed, "statements and processor time")
    for kind in ("in portions", "one by one"):
        for part in ("collect", "read", "index", "judge"):
            assert spent[f"{kind}: {part}"][1] > 0, part  # it has read
    for part in ("collect", "read", "index"):
        assert spent[f"one by one: {part}"][3] >= 1, part  # at least one transaction for each post
        assert spent[f"in portions: {part}"][3] < 1, part
        assert (spent[f"one by one: {part}"][-1] > 0) == (engine_name == "postgresql")
    assert spent["quiet: ask"][0] == spent["quiet: ask each by itself"][0] == 3 * 5
    assert spent["quiet: ask"][3] < 1 < spent["quiet: ask each by itself"][3]  # transactions
    assert spent["counters: look"][0] == 4 * spent["counters: follow"][0]
    assert _table(printed, "after")["counters"][0] == 4
    assert "strands of a channel" in printed


async def test_a_change_of_one_channel_costs_no_statement_for_each_of_the_others(
    store_url: str, engine_name: str, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    await wide(store_url, _server(engine_name, request), 12)
    spent = _table(capsys.readouterr().out, "12 channels")
    usual, changed = spent["a post: read"][0], spent["a post after a change of a channel: read"][0]
    assert usual > 0
    assert usual < changed < usual + 12  # it asks by what handles all are known


@pytest.mark.postgres
async def test_a_standby_is_read_and_not_written(
    postgres: Postgres, capsys: pytest.CaptureFixture[str]
) -> None:
    await standby(postgres, 3)
    printed = capsys.readouterr().out
    assert "3 writes, each read there after" in printed
    assert "read-only" in printed


def _server(engine_name: str, request: pytest.FixtureRequest) -> int | None:
    if engine_name == "sqlite":
        return None
    server: Postgres = request.getfixturevalue("postgres")
    return server.process.pid if server.process else None


def _table(printed: str, heading: str) -> dict[str, list[float]]:
    """Of the table below that heading: the numbers of each row."""
    part = printed.partition(f"### {heading}")[2].partition("###")[0]
    out = {}
    for line in part.splitlines():
        name, *cells = [cell.strip() for cell in line.strip("|").split("|")]
        numbers = [float(c.replace(",", "")) for c in cells if re.fullmatch(r"[\d.,]+", c)]
        if numbers:
            out[name] = numbers
    return out
