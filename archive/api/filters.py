"""What narrows posts: the same parameters wherever posts are searched, counted or exported."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from archive.api.common import LARGEST, Instant, Names
from archive.query import Query

#: Where a query's field goes by another name here than in a manifest.
_PARAMETERS: Final = {
    "text": "q",
    "channels": "channel",
    "groups": "group",
    "languages": "language",
    "topics": "topic",
    "claimants": "claimant",
    "places": "place",
    "weapons": "weapon",
    "kinds": "kind",
}
_Count = Annotated[int | None, Field(ge=0, le=LARGEST)]


class PostFilters(BaseModel):
    """Of several values of one parameter one must hold, and of all parameters that are given each."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(
        "",
        max_length=1000,
        description='Words in any spelling; `"phrase"`, `OR`, `-without`, `begin*`, `="letter for letter"`, '
        "brackets.",
    )
    channel: Names = Field(default_factory=list, description="@handle, number or title.")
    group: Names = Field(default_factory=list)
    since: Instant | None = Field(None, description="Posted then or later; with a zone.")
    until: Instant | None = Field(None, description="Posted before; with a zone.")
    language: Names = Field(default_factory=list, description="As ISO 639 has it: `ar`, `fa`, `ckb`, `en`.")
    topic: Names = Field(default_factory=list)
    claimant: Names = Field(default_factory=list, description="In whose name a claim that stands speaks.")
    place: Names = Field(default_factory=list, description="Where a claim that stands places the act.")
    weapon: Names = Field(default_factory=list)
    kind: Names = Field(default_factory=list, description="Of claims: `responsibility`, `threat`, ...")
    media: Names = Field(default_factory=list, description="`photo`, `video`, `document`, ...")
    forwarded_from: Names = Field(
        default_factory=list, description="A channel, or a name; `*`: forwarded from anybody."
    )
    edited: bool | None = Field(None, description="There is a later version.")
    deleted: bool | None = Field(None, description="Known to be gone.")
    links: bool | None = None
    views_at_least: _Count = None
    views_at_most: _Count = None

    def query(self) -> Query:
        fields: dict[str, Any] = {}
        for name in Query.__slots__:
            value = getattr(self, _PARAMETERS.get(name, name))
            fields[name] = tuple(value) if isinstance(value, list) else value
        return Query(**fields)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Query:
        """The query of a manifest. Raises ValidationError and FilterError for what cannot be asked here.

        Its instants are those of the manifest: put within the time in which there can be posts, as whoever
        asks anew has it, they would be another query, with other hours and another coverage.
        """
        parameters = {_PARAMETERS.get(name, name): value for name, value in document.items()}
        query = cls.model_validate(parameters).query()
        exact = Query.read({name: document[name] for name in ("since", "until") if name in document})
        return replace(query, since=exact.since, until=exact.until)
