"""`[retention]`: how long what takes most room stays, and how much room there is."""

from datetime import timedelta

from pydantic import BaseModel, Field

from collector.size import Size
from storage.keep import Keep
from storage.span import Span


class RetentionConfig(BaseModel, extra="forbid", frozen=True):
    """`[retention]`

    What an alert, an opinion, a claim or an export is about is never removed, and a post whose content was
    still counts: the chain proves what was removed, when and why (docs/operating.md).
    """

    posts: Keep = Field(
        timedelta(),
        description="How long what posts say stays once they are seen: text, versions, raw copies, files; a "
        "channel may say otherwise with `keep_posts`. That they were posted, what was read of them and what "
        "is cited stays. At least `9w`; `0s`: for ever.",
    )
    exports: Span = Field(
        timedelta(),
        description="How long what an export holds stays for being cited by it, from when it was made. "
        "`0s`: for ever.",
    )

    files: Span = Field(
        timedelta(),
        description="How long the files of posts stay once they are kept; a channel may say otherwise with "
        "`keep_files`. What an alert or an opinion is about stays. `0s`: for ever.",
    )
    counters: Span = Field(
        timedelta(),
        description="The same of counters over time (views, reactions); a channel may say otherwise with "
        "`keep_counters`. What a post showed at first sight stays. `0s`: for ever.",
    )
    quota: Size = Field(
        0,
        description="The room that archive, kept files and backups may take together. `0B`: as much as the "
        "disk has. It only warns; what stops first when the disk fills up is in docs/operating.md.",
    )
    warn_at: float = Field(
        0.8, gt=0, le=1, description="From this part of the quota on it is told, and wrong from all of it on."
    )
    least_free: Size = Field(
        2_000_000_000,
        description="Less free room on the disk of the archive is told; less than a quarter of it is wrong.",
    )
