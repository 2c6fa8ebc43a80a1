"""The stock client through real proxies on loopback, and what is said when a proxy does not do its work."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from collector.config import AccountConfig
from collector.proxy import BadProxy, Proxy
from collector.reach import NoWay, Place, reach
from sandbox.faults import LinkState
from storage.store import Store
from tests.support.collecting import collecting, differences, eventually, is_read
from tests.support.proxies import HttpProxy, MtProxy, SocksProxy
from tests.support.telegram import Telegram

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def engine_name() -> str:
    """What is tested here does not depend on the kind of archive."""
    return "sqlite"


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port on which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def through(telegram: Telegram, proxy: str) -> AccountConfig:
    return AccountConfig(name="main", session=str(telegram.session_file("main")), proxy=proxy)


def place(telegram: Telegram) -> Place:
    return Place("127.0.0.1", telegram.server.port)


@pytest.mark.parametrize("kind", ["socks5", "http", "mtproxy"])
async def test_posts_come_through_a_proxy(telegram: Telegram, store: Store, kind: str) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=120)
    here = ("127.0.0.1", telegram.server.port)
    proxies: dict[str, Any] = {
        "socks5": SocksProxy(login=("me", "p@ss")),
        "http": HttpProxy(login=("me", "p@ss")),
        "mtproxy": MtProxy(here, SECRET),
    }
    login = f"dd{SECRET}" if kind == "mtproxy" else "me:p%40ss"
    async with proxies[kind] as proxy:
        mine = through(telegram, f"{kind}://{login}@127.0.0.1:{proxy.port}")
        async with collecting(telegram, store, [channel], accounts=[mine], answer_within=8) as task:

            async def whole(tx: Any) -> bool:
                cursor = await tx.posts.cursor(channel.id)
                return cursor is not None and cursor.complete

            await eventually(store, whole, task=task)
            telegram.world.post(channel, "live")

            async def live(tx: Any) -> bool:
                return await is_read(tx, channel.id, channel.top_id)

            await eventually(store, live, task=task)
        assert proxy.through >= 1
        assert telegram.link.taken == proxy.through
        if kind == "mtproxy":
            assert proxy.dc == 2
    assert await differences(telegram, store, channel) == []


async def test_the_sandbox_is_reached_with_and_without_a_proxy_and_tells_its_time(telegram: Telegram) -> None:
    assert abs((await reach(place(telegram), None, 5)).ahead) < 1
    telegram.link.clock_skew = 90
    async with SocksProxy() as proxy:
        found = await reach(place(telegram), Proxy("socks5", "127.0.0.1", proxy.port), 5)
    assert 88 < found.ahead < 92
    telegram.link.clock_skew = -90
    assert -92 < (await reach(place(telegram), None, 5)).ahead < -88


async def test_a_data_centre_that_cannot_be_reached_is_told_from_a_proxy(
    telegram: Telegram, closed_port: int
) -> None:
    with pytest.raises(NoWay, match="cannot be reached") as caught:
        await reach(Place("127.0.0.1", closed_port), None, 2)
    assert "give the account a proxy" in caught.value.hint
    async with SocksProxy() as socks, HttpProxy() as http:
        for kind, proxy in (("socks5", socks), ("http", http)):
            with pytest.raises(BadProxy, match="does not let us through to Telegram"):
                await reach(Place("127.0.0.1", closed_port), Proxy(kind, "127.0.0.1", proxy.port), 2)
        telegram.link.set(LinkState.BLACK_HOLE)
        with pytest.raises(NoWay, match=r"lets us through, but Telegram at .* no answer in time"):
            await reach(place(telegram), Proxy("socks5", "127.0.0.1", socks.port), 0.5)


@pytest.mark.parametrize("kind", ["socks5", "socks4", "http", "mtproxy"])
async def test_a_dead_proxy_is_said_to_be_dead(telegram: Telegram, closed_port: int, kind: str) -> None:
    secret = SECRET if kind == "mtproxy" else None
    with pytest.raises(BadProxy, match="cannot be reached: Connection refused") as caught:
        await reach(place(telegram), Proxy(kind, "127.0.0.1", closed_port, secret=secret), 4)
    assert "host and port" in caught.value.hint


@pytest.mark.parametrize("kind", ["socks5", "http"])
@pytest.mark.parametrize("login", [(None, None), ("me", "wrong")], ids=["none", "wrong"])
async def test_a_proxy_that_takes_only_whom_it_knows_says_so(
    telegram: Telegram, kind: str, login: tuple[str | None, str | None]
) -> None:
    made: Any = {"socks5": SocksProxy, "http": HttpProxy}[kind]
    async with made(login=("me", "right")) as proxy:
        with pytest.raises(BadProxy, match="does not let us in") as caught:
            await reach(place(telegram), Proxy(kind, "127.0.0.1", proxy.port, *login), 4)
    assert "user and password" in caught.value.hint
    assert proxy.refused >= 1


async def test_an_mtproxy_with_another_secret_hangs_up(telegram: Telegram) -> None:
    async with MtProxy(("127.0.0.1", telegram.server.port), SECRET) as proxy:
        wrong = Proxy("mtproxy", "127.0.0.1", proxy.port, secret="f" * 32)
        with pytest.raises(BadProxy, match="hangs up") as caught:
            await reach(place(telegram), wrong, 6)
    assert "its secret is probably another" in caught.value.hint


async def test_one_kind_of_proxy_is_not_taken_for_another(telegram: Telegram) -> None:
    async with HttpProxy() as proxy:
        with pytest.raises(BadProxy, match=r"does not speak socks5|takes no connection"):
            await reach(place(telegram), Proxy("socks5", "127.0.0.1", proxy.port), 1.0)


async def test_a_collector_behind_a_dead_proxy_says_what_to_do_and_goes_on_when_it_lives(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with SocksProxy() as proxy:
        port = proxy.port
    mine = through(telegram, f"socks5://me:hunter2@127.0.0.1:{port}")
    with structlog.testing.capture_logs() as logs:
        async with collecting(telegram, store, [channel], accounts=[mine]) as task:

            async def unreachable(tx: Any) -> Any:
                mark = await tx.marks.get("collector.account.main")
                return mark if mark.get("state") == "unreachable" else None

            mark = await eventually(store, unreachable, task=task)
            assert f"the proxy socks5://127.0.0.1:{port} cannot be reached" in mark["detail"]
            assert "Check host and port" in mark["detail"]
            async with SocksProxy(login=("me", "hunter2"), port=port):

                async def watched(tx: Any) -> bool:
                    return channel.id in await tx.watch.until()

                await eventually(store, watched, task=task)
    assert "hunter2" not in str(logs)
    assert telegram.link.taken > 0
