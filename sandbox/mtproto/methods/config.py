"""help.*: what every client asks first."""

from typing import Any

from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from sandbox.mtproto.call import Call, method
from sandbox.mtproto.centre import HOME
from sandbox.mtproto.factory import make


@method("help.getConfig", without_login=True)
def get_config(call: Call, _request: Any) -> Any:
    here = call.server
    options = [
        make(T.DcOption, id=each.centre, ip_address="127.0.0.1", port=each.port)
        for each in here.centres.values()
    ]
    return make(
        T.Config,
        date=call.now,
        expires=call.now,
        test_mode=False,
        this_dc=here.centre,
        dc_options=options,
        me_url_prefix="https://t.me/",
        caption_length_max=1024,
        message_length_max=4096,
        webfile_dc_id=HOME,
    )


@method("help.getNearestDc", without_login=True)
def get_nearest_dc(call: Call, _request: Any) -> Any:
    return T.NearestDc(country="XX", this_dc=call.server.centre, nearest_dc=HOME)


@method("help.getAppConfig", without_login=True)
def get_app_config(_call: Call, _request: Any) -> Any:
    return make(T.help.AppConfig, hash=0, config=T.JsonObject(value=[]))
