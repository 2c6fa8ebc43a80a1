"""The way in to the pages: the application's own door, and what its visitors read in."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from starlette.requests import Request

from archive.errors import FilterError
from archive.pages.render import language_of
from archive.pages.site import Visitor
from archive.query import zone_named
from archive.web.asked import form_of, signed_in
from archive.web.csrf import check_form


class DoorGate:
    """Whoever signed in, in their language and zone."""

    def __init__(self, zone: str = "UTC") -> None:
        """`zone`: of those who have none of their own."""
        self._zone = zone_named(zone)

    async def enter(self, request: Request) -> Visitor:
        known = await signed_in(request)
        request.state.lang = known.language  # for whatever goes wrong from here on
        return Visitor(
            name=known.name,
            role=known.role,
            person=known.session.chat_id or 0,
            language=language_of(request, known.language),
            zone=self._zone_of(known.zone),
            csrf=known.csrf,
        )

    async def form(self, request: Request, visitor: Visitor) -> Mapping[str, str]:
        form = await form_of(request, None)
        check_form(form.get("csrf"), visitor.csrf)
        return {name: value for name, value in form.items() if isinstance(value, str)}

    def _zone_of(self, name: str | None) -> ZoneInfo:
        try:
            return zone_named(name) if name else self._zone
        except FilterError:  # kept by another machine, which knows more zones
            return self._zone
