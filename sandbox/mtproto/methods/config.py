"""help.*: what every client asks first."""

from typing import Any

from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from sandbox.mtproto.call import Call, method
from sandbox.mtproto.factory import make

_DC = 2


@method("help.getConfig", without_login=True)
def get_config(call: Call, _request: Any) -> Any:
    option = make(T.DcOption, id=_DC, ip_address="127.0.0.1", port=call.server.port)
    return make(
        T.Config,
        date=call.now,
        expires=call.now,
        test_mode=False,
        this_dc=_DC,
        dc_options=[option],
        me_url_prefix="https://t.me/",
        caption_length_max=1024,
        message_length_max=4096,
        webfile_dc_id=_DC,
    )


@method("help.getNearestDc", without_login=True)
def get_nearest_dc(_call: Call, _request: Any) -> Any:
    return T.NearestDc(country="XX", this_dc=_DC, nearest_dc=_DC)


@method("help.getAppConfig", without_login=True)
def get_app_config(_call: Call, _request: Any) -> Any:
    return make(T.help.AppConfig, hash=0, config=T.JsonObject(value=[]))
