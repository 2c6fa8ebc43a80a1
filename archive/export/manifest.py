"""What an export is: the query, when, from what, how much of it we could see, and its files."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from archive.coverage import told_share
from archive.errors import FilterError
from archive.export.columns import TABLES
from archive.export.writers import Format, said
from archive.query import LARGEST, Query
from domain.instant import utc

#: Of what it says and of how a citation is worded: whoever words it otherwise raises it, or no earlier export
#: would be as it was made.
VERSION = "deadair export 1"
NAME = "manifest.json"
#: What follows from all the rest of it.
FOLLOWS = ("citation", "bibtex", "again")


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    name: str
    table: str
    rows: int
    bytes: int
    sha256: str

    def __post_init__(self) -> None:
        kinds = [type(getattr(self, name)) for name in self.__slots__]
        if kinds != [str, str, int, int, str]:
            raise ValueError(f"of a file it says {self}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    made_at: datetime
    deadair: str  #: the version of the program
    format: Format
    query: Query
    reader_version: int | None
    upto: Mapping[str, int]
    files: Sequence[File]
    coverage: Sequence[Mapping[str, Any]]
    chains: Mapping[str, str]  #: by channel: the last hash of its chain, for `deadair verify --contains`
    unsearchable: int
    removed: int = 0  #: posts of which nobody can say any more whether they belong to it

    def document(self) -> dict[str, Any]:
        return {
            "manifest": VERSION,
            "made_at": said(self.made_at),
            "deadair": self.deadair,
            "format": self.format.value,
            "query": self.query.document(),
            "reader_version": self.reader_version,
            "upto": dict(self.upto),
            "not_yet_searchable": self.unsearchable,
            "removed": self.removed,
            "again": self.again,
            "files": [
                {"name": f.name, "table": f.table, "rows": f.rows, "bytes": f.bytes, "sha256": f.sha256}
                for f in self.files
            ],
            "coverage": list(self.coverage),
            "chains": dict(self.chains),
            "citation": self.citation,
            "bibtex": self.bibtex,
        }

    def text(self) -> str:
        return json.dumps(self.document(), ensure_ascii=False, indent=1) + "\n"

    @property
    def again(self) -> str:
        """All that the same export takes, as one word: whoever asks over HTTP gives it as `again`."""
        document = {
            "at": said(self.made_at),
            "format": self.format.value,
            "tables": [file.table for file in self.files],
            "query": self.query.document(),
            "reader": self.reader_version,
            "upto": [self.upto[name] for name in ("post", "revision", "claim")],
        }
        packed = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @property
    def identity(self) -> str:
        """SHA-256 over the hashes of the files: names this export in a citation."""
        digest = hashlib.sha256()
        for file in self.files:
            digest.update(f"{file.table} {file.sha256}\n".encode())
        return digest.hexdigest()

    @property
    def _what(self) -> str:
        names = [
            each["channel"] if each["channel"] == str(each["channel_id"]) else f"@{each['channel']}"
            for each in self.coverage
        ]
        told = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        n = next((file.rows for file in self.files if file.table == "posts"), None)
        return f"{f'{n:,} posts' if n is not None else 'data'} of {told or 'no channel'}"

    @property
    def citation(self) -> str:
        shares = [each["watched"] for each in self.coverage]
        mean = told_share(sum(shares) / len(shares), 3) if shares else 0.0
        watched = f"; watched {100 * mean:.1f} % of the time" if shares else ""
        missing = f"; {self.unsearchable:,} posts and edits that came last left out" * bool(self.unsearchable)
        missing += f"; {self.removed:,} more posts had been emptied by retention" * bool(self.removed)
        return (
            f"Deadair {self.deadair}: {self._what} on Telegram, archived by Deadair{watched}{missing}; "
            f"exported {self.made_at:%Y-%m-%d}, reader version {self.reader_version or 'none'}, "
            f"SHA-256 {self.identity}."
        )

    @property
    def bibtex(self) -> str:
        def plain(text: str) -> str:
            return "".join(f"\\{c}" if c in "&%$#_{}" else " " if c in "\r\n\\" else c for c in text)

        return (
            f"@misc{{deadair-{self.identity[:12]},\n"
            f"  title = {{{{{plain(self._what)} on Telegram}}}},\n"
            f"  howpublished = {{Archived by Deadair {plain(self.deadair)}}},\n"
            f"  year = {{{self.made_at:%Y}}},\n"
            f"  note = {{Exported {self.made_at:%Y-%m-%d}, SHA-256 {self.identity}}}\n"
            "}"
        )

    def contradicted(self, text: str) -> Sequence[str]:
        """Which lines of the manifest that it was read from are not what its own facts say."""
        found = json.loads(text)
        return [name for name in FOLLOWS if found.get(name) != getattr(self, name)]

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises FilterError for what is no manifest of ours, or names files that lie elsewhere."""
        hint = "name the manifest.json of an export of Deadair"
        try:
            document = json.loads(text)
            if not isinstance(document, dict) or document.get("manifest") != VERSION:
                raise FilterError(f"it is no {VERSION!r}", hint=hint)
            form = Format(document["format"])
            files = [File(**each) for each in document["files"]]
            for file in files:
                if file.name != f"{file.table}.{form.value}" or file.table not in TABLES:
                    raise FilterError(
                        f"it names a file that no export has: {file.name!r}",
                        hint="it may have been tampered with",
                    )
            reader, upto = document["reader_version"], document["upto"]
            ends = {name: upto[name] for name in ("post", "revision", "claim")}
            for number in (*ends.values(), 0 if reader is None else reader):
                if type(number) is not int or not 0 <= number < LARGEST:
                    raise ValueError(f"{number!r} counts nothing")
            found = cls(
                made_at=utc(datetime.fromisoformat(document["made_at"])),
                deadair=str(document["deadair"]),
                format=form,
                query=Query.read(document["query"]),
                reader_version=reader,
                upto=ends,
                files=files,
                coverage=document["coverage"],
                chains=document["chains"],
                unsearchable=int(document["not_yet_searchable"]),
                removed=int(document.get("removed", 0)),
            )
            for name in FOLLOWS:
                getattr(found, name)  # which raises where the coverage is none
            return found
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
            raise FilterError(f"it is no manifest that can be read: {_wrong(error)}", hint=hint) from error


def _wrong(error: Exception) -> str:
    """What is wrong with a document, of which this came when it was read."""
    match error:
        case json.JSONDecodeError():
            return f"line {error.lineno} is no JSON"
        case KeyError():
            return f"it says nothing of {error}"
        case RecursionError():
            return "too many brackets within each other"
        case _:
            return str(error)
