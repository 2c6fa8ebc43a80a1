"""Logging in: by code, by password, by QR code; mistyped, refused, and on a session that is in use."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from collector.config import AccountConfig, App, CollectorConfig
from collector.lock import Held, only_user_of
from collector.login import Me, login
from domain.errors import DeadairError
from sandbox.faults import LinkState
from sandbox.mtproto.keys import SANDBOX_PUBLIC_KEY
from tests.support.collecting import APP
from tests.support.telegram import Telegram


@dataclass
class Person:
    """Answers what is asked, in turn."""

    phones: list[str] = field(default_factory=lambda: ["+1 555 0100"])
    codes: list[str] = field(default_factory=lambda: ["12345"])
    passwords: list[str] = field(default_factory=list)
    shown: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    heard: list[str] = field(default_factory=list)

    async def phone(self) -> str:
        return self.phones.pop(0)

    async def code(self, where: str) -> str:
        self.heard.append(f"code by {where}")
        return self.codes.pop(0)

    async def password(self, hint: str) -> str:
        self.heard.append(f"hint: {hint}")
        return self.passwords.pop(0)

    async def show_qr(self, url: str, until: datetime) -> None:
        self.shown.put_nowait(url)

    async def tell(self, text: str) -> None:
        self.heard.append(text)


@pytest.fixture
def session(tmp_path: Path) -> Path:
    return tmp_path / "sessions" / "main.session"


async def log_in(telegram: Telegram, session: Path, person: Person, **more: bool) -> Me:
    config = CollectorConfig(
        server=f"127.0.0.1:{telegram.server.port}", server_key=SANDBOX_PUBLIC_KEY, answer_within=3.0
    )
    account = AccountConfig(name="main", session=str(session))
    return await login(account, config, more.pop("app", APP), person, **more)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def trusting(trust_sandbox: str) -> None:
    """What the login adds to Telethon's keys is taken away after the test."""


async def test_a_code_logs_in_and_the_file_is_for_its_owner_only(telegram: Telegram, session: Path) -> None:
    person = Person()
    me = await log_in(telegram, session, person)
    assert (me.id, me.name, me.phone) == (telegram.account.id, "Observer", "15550100")
    assert session.stat().st_mode & 0o777 == 0o600  # noqa: ASYNC240 - a test may wait for its disk
    assert session.parent.stat().st_mode & 0o777 == 0o700
    assert person.heard == ["code by the Telegram app"]
    again = Person(phones=[])
    assert await log_in(telegram, session, again) == me
    assert again.heard == ["Observer is logged in already."]


async def test_mistyped_codes_and_numbers_may_be_given_anew(telegram: Telegram, session: Path) -> None:
    person = Person(phones=["+1 555 9999", "+1 555 0100"], codes=["11111", "12345"])
    assert (await log_in(telegram, session, person)).id == telegram.account.id
    assert "Telegram knows no such number." in person.heard
    assert "That is not the code." in person.heard


async def test_a_code_mistyped_too_often_ends_it_with_what_to_do(telegram: Telegram, session: Path) -> None:
    with pytest.raises(DeadairError, match="PHONE_CODE_INVALID") as caught:
        await log_in(telegram, session, Person(codes=["1", "2", "3"]))
    assert "new code" in caught.value.hint


async def test_a_password_is_asked_for_with_its_hint(telegram: Telegram, session: Path) -> None:
    telegram.account.password, telegram.account.hint = "correct horse", "a horse"
    person = Person(passwords=["wrong horse", "correct horse"])
    assert (await log_in(telegram, session, person)).id == telegram.account.id
    assert person.heard.count("hint: a horse") == 2
    assert "That is not the password." in person.heard


async def test_a_qr_code_scanned_on_another_device_logs_in(telegram: Telegram, session: Path) -> None:
    person = Person()
    async with telegram.client() as phone:
        task = asyncio.create_task(log_in(telegram, session, person, qr=True))
        await _scan(phone, await asyncio.wait_for(person.shown.get(), 5))
        assert (await task).id == telegram.account.id


async def test_a_qr_code_asks_for_the_password_as_well(telegram: Telegram, session: Path) -> None:
    telegram.account.password = "correct horse"
    person = Person(passwords=["correct horse"])
    async with telegram.client() as phone:
        task = asyncio.create_task(log_in(telegram, session, person, qr=True))
        await _scan(phone, await asyncio.wait_for(person.shown.get(), 5))
        assert (await task).id == telegram.account.id


async def _scan(phone, url: str) -> None:  # type: ignore[no-untyped-def]
    import base64

    from telethon.tl.functions.auth import AcceptLoginTokenRequest

    token = url.partition("token=")[2]
    await phone(AcceptLoginTokenRequest(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))))


async def test_a_session_in_use_is_refused(telegram: Telegram, session: Path) -> None:
    with only_user_of(session), pytest.raises(Held):
        await log_in(telegram, session, Person())
    assert telegram.log.counts == {}


async def test_no_way_to_telegram_is_said_so(telegram: Telegram, session: Path) -> None:
    telegram.link.set(LinkState.REFUSED)
    with pytest.raises(DeadairError, match="no way to Telegram") as caught:
        await log_in(telegram, session, Person())
    assert "proxy" in caught.value.hint


async def test_a_wait_that_telegram_asks_for_is_said_in_words(telegram: Telegram, session: Path) -> None:
    telegram.faults.flood("auth.sendCode", 7200)
    with pytest.raises(DeadairError, match="another 2 h"):
        await log_in(telegram, session, Person())


async def test_a_wrong_api_id_is_said_so(telegram: Telegram, session: Path) -> None:
    telegram.faults.error("auth.sendCode", 400, "API_ID_INVALID")
    with pytest.raises(DeadairError, match="API_ID_INVALID") as caught:
        await log_in(telegram, session, Person())
    assert "my.telegram.org" in caught.value.hint


async def test_a_session_that_telegram_has_forgotten_is_put_aside(telegram: Telegram, session: Path) -> None:
    await log_in(telegram, session, Person())
    telegram.server.forget_keys(telegram.account)
    person = Person()
    assert (await log_in(telegram, session, person)).id == telegram.account.id
    assert session.with_name("main.session.lost").exists()
    assert "put aside" in person.heard[0]


async def test_an_account_that_telegram_has_shut_is_said_so(telegram: Telegram, session: Path) -> None:
    telegram.account.refused = (401, "USER_DEACTIVATED_BAN")
    with pytest.raises(DeadairError, match="has shut the account"):
        await log_in(telegram, session, Person())


async def test_the_key_of_a_sandbox_must_be_a_key(telegram: Telegram, session: Path) -> None:
    config = CollectorConfig(server=f"127.0.0.1:{telegram.server.port}", server_key="no such file")
    with pytest.raises(DeadairError, match=r"collector\.server_key"):
        await login(AccountConfig(name="main", session=str(session)), config, App(1, "x"), Person())
