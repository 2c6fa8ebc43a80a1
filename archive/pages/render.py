"""Fills templates: everything is escaped, every language has its words, nothing comes from elsewhere."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from archive.pages import labels
from archive.pages.site import Visitor
from archive.pages.voice import LANGUAGES, Voice, voice_of
from domain.channel import Channel

#: Pages are somebody's; what keeps a browser from elsewhere is set for every answer by the application.
HEADERS: Mapping[str, str] = {"Cache-Control": "no-store"}
#: What is sent as one file.
_PARTS: Final[Mapping[str, tuple[str, ...]]] = {"pages.css": ("charts.css", "pages.css")}
#: The cookie of somebody who chose a language, what it is chosen by, and where a request keeps it.
LANGUAGE: Final = "lang"


def page(
    request: Request, visitor: Visitor, template: str, *, status: int = 200, **values: Any
) -> HTMLResponse:
    """A page in the visitor's language."""
    return _page(request, visitor, visitor.language, visitor.zone, template, status, HEADERS, values)


def bare_page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """A page for whoever is not known: in the language they chose or their browser names; times are UTC."""
    known = getattr(request.state, LANGUAGE, None)
    language = language_of(request, known)
    sent = {**HEADERS, **(headers or {})}
    return _page(request, None, language, ZoneInfo("UTC"), template, status, sent, values)


def _page(
    request: Request,
    visitor: Visitor | None,
    language: str,
    zone: ZoneInfo,
    template: str,
    status: int,
    headers: Mapping[str, str],
    values: Mapping[str, Any],
) -> HTMLResponse:
    voice = voice_of(language)
    html = (
        _environment(voice.language)
        .get_template(template)
        .render(
            visitor=visitor,
            zone=zone,
            voice=voice,
            languages=LANGUAGES,
            here=request.url.path,
            asked=_Asked(request.query_params),
            addressed=_addressed(request),
            style=asset("pages.css"),
            script=asset("pages.js"),
            **values,
        )
    )
    answer = HTMLResponse(html, status_code=status, headers=dict(headers))
    if request.query_params.get(LANGUAGE) in LANGUAGES:
        answer.set_cookie(
            LANGUAGE,
            language,
            max_age=365 * 86400,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
    return answer


class _Asked(dict[str, str]):
    """The parameters of a request; one that was not given is empty."""

    def __missing__(self, name: str) -> str:
        return ""


def language_of(request: Request, own: str | None) -> str:
    """As asked just now, as chosen before, as in their chat, as their browser says; or English."""
    for asked in (request.query_params.get(LANGUAGE), request.cookies.get(LANGUAGE), own):
        if asked is not None and asked in LANGUAGES:
            return asked
    for part in request.headers.get("accept-language", "").split(","):
        if (short := part.split(";")[0].strip()[:2].lower()) in LANGUAGES:
            return short
    return "en"


@lru_cache(maxsize=8)
def asset(name: str) -> str:
    """The address of a file of ours: another one when it changes."""
    from hashlib import sha256

    return f"/static/{sha256(content(name)).hexdigest()[:12]}/{name}"


def content(name: str) -> bytes:
    """A file of ours, as a browser gets it."""
    folder = files("archive.pages").joinpath("static")
    return b"".join(folder.joinpath(part).read_bytes() for part in _PARTS.get(name, (name,)))


def channel_address(channel: Channel) -> str:
    return f"/channels/{quote(channel.handle or str(channel.id))}"


def _addressed(request: Request) -> Any:
    """This page with other parameters: `addressed(lang="ar")`."""

    def other(**changes: str | None) -> str:
        kept = [(k, v) for k, v in request.query_params.multi_items() if k not in changes]
        kept += [(k, v) for k, v in changes.items() if v is not None]
        return f"{request.url.path}?{urlencode(kept)}" if kept else request.url.path

    return other


@lru_cache(maxsize=8)
def _environment(language: str) -> Environment:
    voice = voice_of(language)
    made = Environment(
        loader=PackageLoader("archive.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,  # a page and what fills it are of one version
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(voice.translations, newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    made.filters |= {
        "at": _at,
        "at_briefly": _at_briefly,
        "day": lambda at: _time(voice.day(at), at.isoformat()),
        "num": voice.number,
        "alarms": voice.alarms,
        "share": voice.share,
        "span": voice.span,
        "country": voice.country,
        "said": _said(voice),
        "name": _name,
        "url": channel_address,
    }
    made.globals |= {
        name.lower(): _labelled(voice, table)
        for name, table in vars(labels).items()
        if name.isupper() and isinstance(table, dict)
    }
    return made


def _labelled(voice: Voice, table: Mapping[str, str]) -> Any:
    def label(code: object) -> str:
        key = str(getattr(code, "value", code))
        return voice.word(table.get(key, key))

    return label


def _time(shown: str, machine: str) -> Markup:
    return Markup('<time datetime="{}" dir="ltr">{}</time>').format(machine, shown)


@pass_context
def _at(context: Context, at: datetime | None) -> Markup:
    if at is None:
        return escape("–")
    voice, zone = _reader(context)
    return _time(voice.at(at, zone), at.isoformat())


@pass_context
def _at_briefly(context: Context, at: datetime | None, now: datetime) -> Markup:
    if at is None:
        return escape("–")
    voice, zone = _reader(context)
    return _time(voice.at_briefly(at, zone, now), at.isoformat())


def _reader(context: Context) -> tuple[Voice, ZoneInfo]:
    voice, zone = context["voice"], context["zone"]
    return voice, zone


def _said(voice: Voice) -> Any:
    @pass_context
    def said(context: Context, sentence: str) -> Markup:
        """Evidence; what there is no translation of stays English and is marked so."""
        text = voice.sentence(sentence, context["zone"])
        if voice.knows(sentence):
            return escape(text)
        return Markup('<span lang="en" dir="ltr">{}</span>').format(text)

    return said


def _name(channel: Channel) -> Markup:
    """A channel as a link to its page."""
    named = channel.title or channel.name
    return Markup('<a href="{}"><bdi>{}</bdi></a>').format(channel_address(channel), named)
