"""`deadair config show`: every value, and where it comes from."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from deadair.config import FILE, NO_FILE, Setup, load
from deadair.origins import HIDDEN, Origin, Source, origins
from deadair.settings import read_text
from deadair.tuned import Tuned, read_tuned
from deadair.written import written
from domain.errors import DeadairError
from domain.toml import read_toml

#: So wide is the value in a line that is not folded, unless it is longer,
_VALUE = 24
#: and so much room there is beside the keys, however narrow the terminal.
_REST = 32


def show(config: Path | None, key: str | None, *, only_set: bool, as_json: bool) -> None:
    setup = load(config)
    path = config or Path(FILE)
    document = read_toml(read_text(path)) if path.is_file() else {}
    tuned, why_not = asyncio.run(look(setup))
    found = [
        origin
        for origin in origins(setup, document, tuned)
        if (key is None or origin.key.startswith(key))
        and not (only_set and origin.source in (Source.DEFAULT, Source.NOWHERE))
    ]
    if key is not None and not found:
        raise DeadairError(
            f"no key begins with {key!r}", hint="`deadair config show` lists them all; --set leaves some out"
        )
    if as_json:
        print(json.dumps(_document(path, found, why_not), ensure_ascii=False, indent=1))
        return
    _table(found)
    if setup.version == NO_FILE:
        print(f"There is no {FILE} in {Path.cwd()}, so the defaults count: name one with --config.")
    if why_not:
        print(f"What was set while running is not shown: {why_not}")


async def look(setup: Setup) -> tuple[Tuned, str]:
    """What was set while running, or why that cannot be said."""
    from storage.store import open_store

    try:
        async with open_store(setup.storage, create=False) as store, store.read() as tx:
            return await read_tuned(tx), ""
    except DeadairError as error:
        return Tuned(), error.what


def _table(found: Sequence[Origin]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    rows = list(_rows(found))
    longest = max((len(key) for key, _, _ in rows), default=0)
    console = Console()
    if not console.is_terminal:  # a line for each, whole, for who looks for keys in it
        for key, value, source in (("key", "value", "from"), *rows):
            print(*f"{key:<{longest}} {value:<{_VALUE}} {source}".splitlines())
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("key", no_wrap=True, min_width=longest)
    for name in ("value", "from"):
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console.width = max(console.width, longest + _REST)
    console.print(table)


def _rows(found: Sequence[Origin]) -> Iterator[tuple[str, str, str]]:
    for origin in found:
        yield origin.key, _value(origin), _from(origin)
        if origin.over is not None:
            yield "", _value(origin.over), f"{_from(origin.over)}, does not count"


def _value(origin: Origin) -> str:
    if origin.value == HIDDEN:
        return HIDDEN
    return written(origin.value) or "-"


def _from(origin: Origin) -> str:
    said = origin.source.value
    if origin.detail:
        said += f" {origin.detail}"
    if origin.by:
        said += f" by {origin.by}"
    if origin.at is not None:
        said += f", {origin.at:%Y-%m-%d %H:%M} UTC"
    return said + (f": {origin.why}" if origin.why else "")


def _document(path: Path, found: Sequence[Origin], why_not: str) -> dict[str, Any]:
    return {
        "config": str(path) if path.is_file() else None,
        "not_shown": why_not or None,
        "values": [_json(origin) for origin in found],
    }


def _json(origin: Origin) -> dict[str, Any]:
    row: dict[str, Any] = {"key": origin.key, "value": origin.value, "source": _NAMES[origin.source]}
    if origin.value == HIDDEN:
        row |= {"value": None, "secret": True}
    row |= {name: text for name in ("by", "why", "detail") if (text := getattr(origin, name))}
    if origin.at is not None:
        row["at"] = origin.at.isoformat()
    if origin.over is not None:
        row["instead_of"] = _json(origin.over)
    return row


_NAMES = {source: source.name.lower() for source in Source}
