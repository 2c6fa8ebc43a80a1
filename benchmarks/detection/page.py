"""docs/detection.md: the prose is written by hand, the tables between its marks are put in by a run."""

import re
from pathlib import Path as File

PAGE = File(__file__).resolve().parents[2] / "docs/detection.md"


def put(text: str, name: str, table: str) -> str:
    """The page with this table in its place. A page without the place is left as it is."""
    mark = re.compile(rf"(<!-- {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
    return mark.sub(lambda found: f"{found[1]}\n{table}\n\n{found[2]}", text)


def write(tables: dict[str, str]) -> None:
    """Put all tables that were made into the page."""
    text = PAGE.read_text(encoding="utf-8")
    for name, table in tables.items():
        text = put(text, name, table)
    PAGE.write_text(text, encoding="utf-8")
