"""What went wrong, as every client can read it: application/problem+json (RFC 9457)."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import Response

MEDIA_TYPE: Final = "application/problem+json"


class Problem(Exception):
    """An answer that is an error: what it is, why, and what to do about it."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        hint: str = "",
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        """`code`: a word for programs, the same as long as the version of the API is."""
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.hint = hint
        self.headers = dict(headers or {})
        self.more = more

    def document(self) -> dict[str, Any]:
        out = {
            "type": f"urn:deadair:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        if self.hint:
            out["hint"] = self.hint
        return out | self.more

    def response(self) -> Response:
        return Response(
            json.dumps(self.document(), ensure_ascii=False).encode("utf-8", "replace"),
            status_code=self.status,
            media_type=MEDIA_TYPE,
            headers={"Cache-Control": "no-store", **self.headers},
        )
