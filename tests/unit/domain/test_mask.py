"""No secret is left in a text, and nothing else is taken out of it."""

import pytest

from domain.mask import Mask, address_shown, secrets_of_address


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://hc-ping.com/5a0c-key", "https://hc-ping.com/***"),
        ("https://api.example.org:8443/v2?token=abc&from={from}", "https://api.example.org:8443/***"),
        ("https://user:word@example.org", "https://example.org/***"),
        ("https://example.org", "https://example.org"),
        ("https://example.org/", "https://example.org"),
        ("http://[::1/key", "http://***"),
        ("outages/iq.json", "outages/iq.json"),
    ],
)
def test_of_an_address_its_host_is_shown(address: str, shown: str) -> None:
    assert address_shown(address) == shown


def test_what_is_known_is_covered_as_it_stands_and_as_addresses_have_it() -> None:
    mask = Mask()
    mask.know(["pass/word+1 x", None, ""])
    said = mask.cover("pass/word+1 x; pass%2Fword%2B1%20x; pass/word%2B1%20x; pass%2Fword%2B1+x; other")
    assert said == "***; ***; ***; ***; other"


def test_the_longer_secret_is_covered_whole_though_it_begins_as_another_does() -> None:
    mask = Mask()
    mask.know(["12345678", "12345678-and-more"])
    assert mask.cover("12345678-and-more 12345678") == "*** ***"


def test_a_short_secret_is_no_reason_to_spoil_every_text() -> None:
    mask = Mask()
    mask.know(["sandbox"])
    assert mask.cover("the sandbox") == "the sandbox"


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("for 700800900:AAx-yz_0123456789abcdefgh at noon", "for 700800900:*** at noon"),
        ("AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQ", "AGE-SECRET-KEY-***"),
        ("Bearer deadair_" + "a1B_" * 11, "Bearer deadair_***"),
        ("GET /sign-in/Zm9vYmFyYmF6cXV4Zm9v HTTP/1.1", "GET /sign-in/*** HTTP/1.1"),
        ("socks5://me:word@10.0.0.7:1080", "socks5://me:***@10.0.0.7:1080"),
        ("no version 'postgresql//me:word@h/d'", "no version 'postgresql//me:***@h/d'"),
        ("cannot reach postgresql://h/d?password=w0rd: no", "cannot reach postgresql://h/d?password=***: no"),
        ("redis://:word@10.0.0.7", "redis://:***@10.0.0.7"),
        ("mtproxy://dd00112233@h:443", "mtproxy://***@h:443"),
        ("tg://proxy?server=h&port=443&secret=dd0011", "tg://proxy?server=h&port=443&secret=***"),
    ],
)
def test_what_looks_like_a_secret_is_covered_whosever_it_is(text: str, covered: str) -> None:
    assert Mask().cover(text) == covered


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-14T12:00:00.123456Z, 12:30:45, 1001:falcon",
        "https://t.me/falcon_wire/1234?single",
        "docs/operating.md: see deadair_channel_watched_timestamp_seconds",
        "https://example.org/a@b",
        "sqlite:////var/lib/deadair/deadair.db",
    ],
)
def test_what_is_none_stays(text: str) -> None:
    assert Mask().cover(text) == text


def test_what_of_an_address_may_be_a_key() -> None:
    assert secrets_of_address("https://h/ping/5a0c5a0c5a0c5a0c?token=abcdefgh") == {
        "/ping/5a0c5a0c5a0c5a0c?token=abcdefgh",
        "5a0c5a0c5a0c5a0c",
        "abcdefgh",
    }
    assert secrets_of_address("postgresql://deadair_owner:hunter%202@db/deadair") == {"hunter 2"}
    assert secrets_of_address("mtproxy://dd0011@h:443") == {"dd0011"}
    assert secrets_of_address("postgresql://d@/n?host=/var/run/postgresql&password=hunter2") == {"hunter2"}
    assert secrets_of_address("tg://proxy?server=h&port=443&secret=dd0011") == {"dd0011"}
    assert secrets_of_address("sqlite:////data/deadair.db") == set()
    assert secrets_of_address("outages/iq.json") == set()
