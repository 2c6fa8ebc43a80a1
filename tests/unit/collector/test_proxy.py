"""Proxies as people write and share them."""

import pytest

from collector.proxy import Proxy

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("socks5://127.0.0.1:1080", Proxy("socks5", "127.0.0.1", 1080)),
        ("socks5://me:p%40ss@proxy.example", Proxy("socks5", "proxy.example", 1080, "me", "p@ss")),
        ("http://me:x@[::1]:3128/", Proxy("http", "::1", 3128, "me", "x")),
        ("socks4://10.0.0.1:9050", Proxy("socks4", "10.0.0.1", 9050)),
        (f"mtproxy://{SECRET}@proxy.example:443", Proxy("mtproxy", "proxy.example", 443, secret=SECRET)),
        (f"mtproxy://dd{SECRET}@proxy.example", Proxy("mtproxy", "proxy.example", 443, secret=SECRET)),
        (
            "mtproxy://3QEjRWeJq83vASNFZ4mrze8@proxy.example",
            Proxy("mtproxy", "proxy.example", 443, secret=SECRET),
        ),
        (
            f"tg://proxy?server=proxy.example&port=8443&secret={SECRET}",
            Proxy("mtproxy", "proxy.example", 8443, secret=SECRET),
        ),
        (
            "https://t.me/socks?server=10.0.0.1&port=1080&user=me&pass=x",
            Proxy("socks5", "10.0.0.1", 1080, "me", "x"),
        ),
    ],
)
def test_a_proxy_is_read_however_it_is_shared(text: str, wanted: Proxy) -> None:
    assert Proxy.parse(text) == wanted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("proxy.example:1080", "is written socks5://"),
        ("ftp://proxy.example", "is written socks5://"),
        ("socks5://proxy.example:port", "is written socks5://"),
        ("socks5://proxy.example:1080/path", "is written socks5://"),
        ("mtproxy://proxy.example:443", "32 hexadecimal digits"),
        ("mtproxy://hunter2hunter2@proxy.example", "32 hexadecimal digits"),
        (f"mtproxy://ee{SECRET}676f6f676c652e636f6d@proxy.example", "fake TLS"),
        ("tg://proxy?server=proxy.example", "names no server and port"),
    ],
)
def test_what_is_no_proxy_is_said_so_without_its_secret(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        Proxy.parse(text)
    assert "hunter2" not in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_secret_that_begins_like_a_prefix_reaches_the_client_whole() -> None:
    from telethon.network import ConnectionTcpMTProxyRandomizedIntermediate as Kind

    secret = "dd" + SECRET[2:]
    given = Proxy.parse(f"mtproxy://{secret}@proxy.example").for_client
    assert Kind.normalize_secret(given[2]).hex() == secret


def test_what_a_proxy_is_called_shows_no_secret() -> None:
    proxy = Proxy.parse("socks5://me:hunter2@127.0.0.1:1080")
    assert "hunter2" not in f"{proxy} {proxy!r}"
    assert str(proxy) == "socks5://127.0.0.1:1080"
