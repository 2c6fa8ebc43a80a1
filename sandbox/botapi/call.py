"""One call as it came in: parameters in any of the forms the Bot API takes, and uploaded files."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox.botapi.errors import Json, bad_request


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a call."""

    name: str
    body: bytes = field(repr=False)


@dataclass(slots=True, kw_only=True)
class Call:
    """What a bot asked for. Values stay as they came; the readers below turn them into what is needed."""

    method: str
    params: Json
    uploads: dict[str, Upload] = field(default_factory=dict)
    at: datetime
    outcome: str = ""  #: "ok", or why not; empty while it runs

    def text(self, name: str) -> str:
        """A string; empty when absent."""
        value = self.params.get(name)
        return "" if value is None else str(value)

    def whole(self, name: str, default: int | None = None) -> int:
        """An integer. Raises Refused when it is absent without a default, or no integer."""
        value = self.params.get(name)
        if value is None or value == "":
            if default is None:
                raise bad_request(f"{name} is empty")
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad_request(f"field {name!r} must be an Integer") from None

    def flag(self, name: str) -> bool:
        """A Boolean; False when absent."""
        return str(self.params.get(name, "")).lower() in ("true", "yes", "1")

    def thing(self, name: str) -> Any:
        """A JSON object or array, which forms carry as text; None when absent."""
        value = self.params.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None

    @property
    def chat(self) -> str:
        """The chat it is addressed to, as written; empty for none."""
        return self.text("chat_id")


async def read_call(request: web.Request, at: datetime) -> Call:
    """Parameters from the address, a form, multipart or JSON, the latter over the former."""
    params: Json = dict(request.query)
    uploads: dict[str, Upload] = {}
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            raise bad_request("can't parse request JSON object") from None
        if not isinstance(body, dict):
            raise bad_request("object expected as request JSON object")
        params |= body
    elif request.can_read_body:
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                uploads[name] = Upload(value.filename, value.file.read())
            else:
                params[name] = value
    return Call(method=request.match_info["method"], params=params, uploads=uploads, at=at)
