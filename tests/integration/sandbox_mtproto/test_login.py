"""Logging in: by code, by password, by QR code; and out again."""

import asyncio
from pathlib import Path

import pytest
from telethon import TelegramClient, errors, functions
from telethon.sessions import SQLiteSession

from tests.support.telegram import API_HASH, API_ID, Telegram, until

pytestmark = pytest.mark.usefixtures("trust_sandbox")


async def test_the_right_code_logs_in_and_the_session_file_keeps_it(telegram: Telegram) -> None:
    path = telegram.new_session_file()
    client = TelegramClient(str(path), API_ID, API_HASH)
    await client.connect()
    assert not await client.is_user_authorized()
    await client.send_code_request("+15550100")
    me = await client.sign_in("+15550100", "12345")
    assert me.id == telegram.account.id
    await client.disconnect()

    again = TelegramClient(str(path), API_ID, API_HASH)
    await again.connect()
    assert await again.is_user_authorized()
    await again.disconnect()


async def test_wrong_codes_are_refused_until_the_code_is_worthless(telegram: Telegram) -> None:
    async with telegram.stranger() as client:
        await client.send_code_request("+15550100")
        for _ in range(5):
            with pytest.raises(errors.PhoneCodeInvalidError):
                await client.sign_in("+15550100", "00000")
        with pytest.raises(errors.PhoneCodeExpiredError):
            await client.sign_in("+15550100", "12345")
        await client.send_code_request("+15550100")
        assert (await client.sign_in("+15550100", "12345")).phone == "15550100"


async def test_a_phone_that_nobody_has_gets_no_code(telegram: Telegram) -> None:
    async with telegram.stranger() as client:
        with pytest.raises(errors.PhoneNumberInvalidError):
            await client.send_code_request("+15559999")


async def test_two_step_verification_takes_the_right_password_only(telegram: Telegram) -> None:
    telegram.world.add_account("15550102", password="تل النرجس", hint="a hill")
    async with telegram.stranger() as client:
        await client.send_code_request("+15550102")
        with pytest.raises(errors.SessionPasswordNeededError):
            await client.sign_in("+15550102", "12345")
        assert not await client.is_user_authorized()
        asked = await client(functions.account.GetPasswordRequest())
        assert asked.has_password
        assert asked.hint == "a hill"
        with pytest.raises(errors.PasswordHashInvalidError):
            await client.sign_in(password="another hill")
        assert (await client.sign_in(password="تل النرجس")).phone == "15550102"
        assert await client.is_user_authorized()


async def test_a_qr_code_logs_in_once_another_device_has_accepted_it(telegram: Telegram) -> None:
    async with telegram.stranger() as client, telegram.client() as phone:
        shown = await client.qr_login()
        waiting = asyncio.create_task(shown.wait(5))
        await asyncio.sleep(0)
        await phone(functions.auth.AcceptLoginTokenRequest(shown.token))
        assert (await waiting).id == telegram.account.id
        assert await client.is_user_authorized()


async def test_a_qr_code_of_an_account_with_a_password_asks_for_it(telegram: Telegram) -> None:
    owner = telegram.world.add_account("15550103", password="sesame")
    async with telegram.stranger() as client:
        shown = await client.qr_login()
        waiting = asyncio.create_task(shown.wait(5))
        await asyncio.sleep(0)
        telegram.server.accept_login(shown.url, owner)
        with pytest.raises(errors.SessionPasswordNeededError):
            await waiting
        assert (await client.sign_in(password="sesame")).id == owner.id


async def test_a_qr_code_nobody_scans_times_out_and_a_new_one_differs(telegram: Telegram) -> None:
    async with telegram.stranger() as client:
        shown = await client.qr_login()
        first = shown.token
        with pytest.raises(TimeoutError):
            await shown.wait(0.05)
        await shown.recreate()
        assert shown.token != first
        assert not await client.is_user_authorized()


async def test_logging_out_ends_this_login_and_no_other(telegram: Telegram) -> None:
    async with telegram.client() as staying, telegram.client() as leaving:
        assert await leaving.log_out()
        assert await staying.is_user_authorized()
    assert len(telegram.server.logins) == 1


async def test_being_logged_out_from_elsewhere_is_an_error_of_the_next_call(telegram: Telegram) -> None:
    async with telegram.client() as client:
        telegram.server.log_out(telegram.account)
        with pytest.raises(errors.AuthKeyUnregisteredError):
            await client(functions.updates.GetStateRequest())


@pytest.mark.parametrize(
    ("code", "message", "error"),
    [
        (401, "USER_DEACTIVATED_BAN", errors.UserDeactivatedBanError),
        (401, "SESSION_REVOKED", errors.SessionRevokedError),
        (406, "AUTH_KEY_DUPLICATED", errors.AuthKeyDuplicatedError),
    ],
)
async def test_a_refused_account_is_refused_everything(
    telegram: Telegram, code: int, message: str, error: type[Exception]
) -> None:
    async with telegram.client() as client:
        telegram.account.refused = (code, message)
        with pytest.raises(error):
            await client(functions.updates.GetStateRequest())
        telegram.account.refused = None
        assert await client(functions.updates.GetStateRequest())


async def test_a_forgotten_auth_key_ends_the_connection(telegram: Telegram) -> None:
    async with telegram.client(auto_reconnect=False) as client:
        telegram.server.forget_keys(telegram.account)
        with pytest.raises((errors.AuthKeyNotFound, ConnectionError)):
            await client(functions.updates.GetStateRequest())


async def test_several_accounts_see_the_same_channel_under_hashes_of_their_own(telegram: Telegram) -> None:
    other = telegram.world.add_account("15550104")
    telegram.channel("Falcon News", "falcon_news", posts=1)
    async with telegram.client() as one, telegram.client(other) as two:
        first = await one.get_input_entity("falcon_news")
        second = await two.get_input_entity("falcon_news")
        assert first.channel_id == second.channel_id
        assert first.access_hash != second.access_hash
        with pytest.raises(errors.ChannelInvalidError):
            await two(functions.channels.GetFullChannelRequest(first))


async def test_a_preauthorised_session_file_needs_no_handshake(telegram: Telegram, tmp_path: Path) -> None:
    path = telegram.session_file("ready")
    session = SQLiteSession(str(path))
    assert (session.dc_id, session.server_address, session.port) == (2, "127.0.0.1", telegram.server.port)
    assert session.auth_key is not None
    session.close()
    client = TelegramClient(str(path), API_ID, API_HASH)
    await client.connect()
    assert (await client.get_me()).phone == "15550100"
    await client.disconnect()
    await until(lambda: not telegram.server.sessions)


async def test_nothing_is_answered_to_a_client_that_is_not_logged_in(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=1)
    async with telegram.stranger() as client:
        with pytest.raises(errors.AuthKeyUnregisteredError):
            await client(functions.contacts.ResolveUsernameRequest(channel.handle))
