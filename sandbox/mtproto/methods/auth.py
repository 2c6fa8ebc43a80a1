"""auth.*: codes, passwords and QR codes.

https://core.telegram.org/api/auth, https://core.telegram.org/api/qr-login
"""

import os
from datetime import UTC, datetime, timedelta
from typing import Any

from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from sandbox.account import Account
from sandbox.mtproto.call import Call, method
from sandbox.mtproto.factory import make
from sandbox.mtproto.fault import RpcFault
from sandbox.mtproto.logins import PATIENCE, LoginToken, SentCode

TOKEN_LIVES = timedelta(seconds=30)


def _log_in(call: Call, account: Account) -> Any:
    key_id = call.session.key.key_id
    call.server.attempts.forget(key_id)
    call.server.logins[key_id] = account.id
    return make(T.auth.Authorization, user=call.render.user(account))


def _past_the_code(call: Call, account: Account) -> Any:
    """Logged in, or a password is still to come."""
    if account.refused is not None:
        raise RpcFault(*account.refused)
    if account.password is None:
        return _log_in(call, account)
    call.server.attempts.need_password[call.session.key.key_id] = account.id
    raise RpcFault(401, "SESSION_PASSWORD_NEEDED")


@method("auth.sendCode", without_login=True)
def send_code(call: Call, request: Any) -> Any:
    if not call.server.knows_app(request.api_id, request.api_hash):
        raise RpcFault(400, "API_ID_INVALID")
    return _send(call, request.phone_number)


def _send(call: Call, phone_number: str) -> Any:
    phone = phone_number.lstrip("+").replace(" ", "")
    account = next((a for a in call.world.accounts.values() if a.phone == phone), None)
    if account is None:
        raise RpcFault(400, "PHONE_NUMBER_INVALID")
    sent = call.server.attempts.codes[call.session.key.key_id] = SentCode(account_id=account.id)
    return make(
        T.auth.SentCode,
        type=T.auth.SentCodeTypeApp(length=len(account.code)),
        phone_code_hash=sent.hash,
    )


@method("auth.resendCode", without_login=True)
def resend_code(call: Call, request: Any) -> Any:
    return _send(call, request.phone_number)


@method("auth.signIn", without_login=True)
def sign_in(call: Call, request: Any) -> Any:
    sent = call.server.attempts.codes.get(call.session.key.key_id)
    if not request.phone_code:
        raise RpcFault(400, "PHONE_CODE_EMPTY")
    if sent is None or sent.hash != request.phone_code_hash or sent.wrong >= PATIENCE:
        raise RpcFault(400, "PHONE_CODE_EXPIRED")
    account = call.world.accounts[sent.account_id]
    if request.phone_code != account.code:
        sent.wrong += 1
        raise RpcFault(400, "PHONE_CODE_INVALID")
    return _past_the_code(call, account)


@method("auth.checkPassword", without_login=True)
def check_password(call: Call, request: Any) -> Any:
    attempts = call.server.attempts
    number = attempts.need_password.get(call.session.key.key_id)
    if number is None:
        raise RpcFault(401, "AUTH_KEY_UNREGISTERED")
    if isinstance(request.password, T.InputCheckPasswordEmpty):
        raise RpcFault(400, "PASSWORD_HASH_INVALID")
    owner, challenge = attempts.challenges.pop(request.password.srp_id, (None, None))
    if challenge is None or owner != number:
        raise RpcFault(400, "SRP_ID_INVALID")
    if not challenge.proves(request.password.A, request.password.M1):
        raise RpcFault(400, "PASSWORD_HASH_INVALID")
    return _log_in(call, call.world.accounts[number])


@method("auth.logOut")
def log_out(call: Call, _request: Any) -> Any:
    call.server.logins.pop(call.session.key.key_id, None)
    return make(T.auth.LoggedOut)


@method("auth.exportAuthorization")
def export_authorization(call: Call, request: Any) -> Any:
    """A ticket to another data centre, where a file lies."""
    if request.dc_id == call.server.centre or request.dc_id not in call.server.centres:
        raise RpcFault(400, "DC_ID_INVALID")
    ticket = os.urandom(32)
    call.server.exported[ticket] = request.dc_id, call.account.id
    return T.auth.ExportedAuthorization(id=call.account.id, bytes=ticket)


@method("auth.importAuthorization", without_login=True)
def import_authorization(call: Call, request: Any) -> Any:
    """What is asked there with it, once."""
    if call.server.exported.pop(request.bytes, None) != (call.server.centre, request.id):
        raise RpcFault(400, "AUTH_BYTES_INVALID")
    return _log_in(call, call.world.accounts[request.id])


@method("auth.exportLoginToken", without_login=True)
def export_login_token(call: Call, request: Any) -> Any:
    """A token to be shown as a QR code; or, once somebody has accepted it, the login."""
    if not call.server.knows_app(request.api_id, request.api_hash):
        raise RpcFault(400, "API_ID_INVALID")
    key_id, attempts = call.session.key.key_id, call.server.attempts
    token = attempts.token_of(key_id)
    if token is not None and token.accepted_by is not None:
        return _accepted(call, token)
    if token is not None:
        del attempts.tokens[token.token]
    # Real time: the client counts the seconds until it expires by its own clock.
    fresh = LoginToken(token=os.urandom(32), key_id=key_id, expires_at=datetime.now(UTC) + TOKEN_LIVES)
    attempts.tokens[fresh.token] = fresh
    return T.auth.LoginToken(expires=fresh.expires_at, token=fresh.token)


@method("auth.importLoginToken", without_login=True)
def import_login_token(call: Call, request: Any) -> Any:
    """What a client asks after having been sent to another data centre."""
    token = call.server.attempts.tokens.get(request.token)
    if token is None:
        raise RpcFault(400, "AUTH_TOKEN_INVALID")
    if token.accepted_by is None:
        return T.auth.LoginToken(expires=token.expires_at, token=token.token)
    return _accepted(call, token)


def _accepted(call: Call, token: LoginToken) -> Any:
    account = call.world.accounts[token.accepted_by or 0]
    call.server.attempts.tokens.pop(token.token, None)
    return T.auth.LoginTokenSuccess(authorization=_past_the_code(call, account))


@method("auth.acceptLoginToken")
def accept_login_token(call: Call, request: Any) -> Any:
    """A device that is logged in has scanned the code: the one that shows it is told to ask again."""
    token = call.server.attempts.tokens.get(request.token)
    if token is None:
        raise RpcFault(400, "AUTH_TOKEN_INVALID")
    if token.expires_at <= datetime.now(UTC):
        raise RpcFault(400, "AUTH_TOKEN_EXPIRED")
    if token.accepted_by is not None:
        raise RpcFault(400, "AUTH_TOKEN_ALREADY_ACCEPTED")
    call.server.accept_login(token.token, call.account)
    return make(T.Authorization, hash=1, device_model="sandbox", date_created=call.now, date_active=call.now)
