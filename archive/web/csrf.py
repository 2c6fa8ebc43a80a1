"""Forms that come from our own pages: nobody else's page may send one in a visitor's name."""

import hashlib
import hmac
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from archive import complaint
from archive.web.problem import Problem
from domain.sentence import Sentence

#: The hidden field of every form.
FIELD: Final = "csrf"


def csrf_of(secret: str) -> str:
    """What the forms of a session carry: it follows from the cookie's secret, and tells nothing of it."""
    return hmac.new(secret.encode(), b"deadair form", hashlib.sha256).hexdigest()


def check_origin(request: Request, hosts: Collection[str]) -> None:
    """Refuse what another site's page sends. Raises Problem 403.

    Browsers say so in Sec-Fetch-Site and Origin; what says neither is no browser, and has no cookie of one.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    strange = site is not None and site not in ("same-origin", "none")
    if origin is not None:
        try:
            strange = strange or (urlsplit(origin).hostname or "") not in hosts
        except ValueError:
            strange = True
    if strange:
        raise _foreign()


def check_form(given: object, expected: str) -> None:
    """Refuse a form without its field. Raises Problem 403."""
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), expected.encode()):
        raise _foreign()


def _foreign() -> Problem:
    return Problem(
        403,
        "foreign-form",
        Sentence(complaint.FOREIGN_FORM),
        hint=Sentence(complaint.OPEN_AGAIN),
    )
