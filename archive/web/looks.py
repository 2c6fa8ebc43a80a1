"""How the way in looks, and what goes wrong: pages like the others, for whoever is not known yet."""

from starlette.requests import Request
from starlette.responses import HTMLResponse

from archive.pages.render import bare_page
from archive.web.problem import Problem

#: By the status of an answer; any other one is just a failure.
_HEADINGS = {
    400: "That cannot be read",
    403: "Not allowed",
    404: "Not there",
    415: "That cannot be read",
    422: "That cannot be read",
    429: "Too much at once",
    503: "The archive cannot be read just now",
}
_FAILED = "That did not work"
#: For the catalogues.
HEADINGS = (*dict.fromkeys(_HEADINGS.values()), _FAILED)


def wants_page(request: Request) -> bool:
    """Does a person ask, by a browser?"""
    return "text/html" in request.headers.get("accept", "")


def sign_in_page(request: Request, wanted: str, problem: Problem | None = None) -> HTMLResponse:
    """Asks for a token, and says how else one gets in. `problem`: why what was tried before did not do."""
    return _refused(request, "sign_in.html", problem, wanted=wanted)


def link_page(request: Request, code: str) -> HTMLResponse:
    """One press uses the link up: what only looks at links, as messengers do, does not."""
    return bare_page(request, "sign_in_link.html", code=code)


def problem_page(request: Request, problem: Problem) -> HTMLResponse:
    """What went wrong, and what to do."""
    return _refused(request, "problem.html", problem, heading=_HEADINGS.get(problem.status, _FAILED))


def _refused(request: Request, template: str, problem: Problem | None, **values: str) -> HTMLResponse:
    status, headers = (200, {}) if problem is None else (problem.status, problem.headers)
    return bare_page(request, template, status=status, headers=headers, problem=problem, **values)
