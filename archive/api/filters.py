"""What narrows posts: the same parameters wherever posts are searched, counted or exported."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from archive.api.common import LARGEST, Instant, Names
from archive.query import Query

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
        return Query(
            text=self.q,
            channels=tuple(self.channel),
            groups=tuple(self.group),
            since=self.since,
            until=self.until,
            languages=tuple(self.language),
            topics=tuple(self.topic),
            claimants=tuple(self.claimant),
            places=tuple(self.place),
            weapons=tuple(self.weapon),
            kinds=tuple(self.kind),
            media=tuple(self.media),
            forwarded_from=tuple(self.forwarded_from),
            edited=self.edited,
            deleted=self.deleted,
            links=self.links,
            views_at_least=self.views_at_least,
            views_at_most=self.views_at_most,
        )
