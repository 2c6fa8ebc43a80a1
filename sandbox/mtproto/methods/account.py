"""account.*: two-step verification, and what clients set in passing."""

import os
from typing import Any

from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from sandbox.mtproto import srp
from sandbox.mtproto.call import Call, method
from sandbox.mtproto.factory import make
from sandbox.mtproto.fault import RpcFault


@method("account.getPassword", without_login=True)
def get_password(call: Call, _request: Any) -> Any:
    """The parameters and the server's offer; each offer is good for one try."""
    attempts = call.server.attempts
    number = attempts.need_password.get(call.session.key.key_id, call.session.account_id)
    if number is None:
        raise RpcFault(401, "AUTH_KEY_UNREGISTERED")
    account = call.world.accounts[number]
    given: dict[str, Any] = {
        "new_algo": srp.algorithm(),
        "new_secure_algo": T.SecurePasswordKdfAlgoUnknown(),
        "secure_random": os.urandom(256),
    }
    if account.password is not None:
        challenge = srp.Challenge.about(account.password)
        while len(attempts.challenges) >= 100:
            attempts.challenges.pop(next(iter(attempts.challenges)))
        attempts.challenges[challenge.id] = (account.id, challenge)
        given |= {
            "has_password": True,
            "current_algo": srp.algorithm(),
            "srp_B": challenge.public,
            "srp_id": challenge.id,
            "hint": account.hint,
        }
    return make(T.account.Password, **given)


@method("account.updateStatus")
def update_status(call: Call, _request: Any) -> Any:
    return call.account is not None


@method("account.getAuthorizations")
def get_authorizations(call: Call, _request: Any) -> Any:
    """One entry for each login of the account."""
    mine = [key for key, number in call.server.logins.items() if number == call.account.id]
    return T.account.Authorizations(
        authorization_ttl_days=180,
        authorizations=[
            make(
                T.Authorization,
                hash=0 if key == call.session.key.key_id else key & 0x7FFFFFFFFFFFFFFF,
                current=key == call.session.key.key_id or None,
                device_model="sandbox",
                date_created=call.now,
                date_active=call.now,
            )
            for key in mine
        ],
    )
