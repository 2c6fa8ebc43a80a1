"""Results as a CSV that a second run adds to, so that a long run may be interrupted."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path as File


class Results:
    """Rows of text under fixed headings; every row is on the disk before the next is made."""

    def __init__(self, file: File, headings: tuple[str, ...]) -> None:
        self._file, self._headings = file, headings
        self.rows: list[dict[str, str]] = []
        if file.exists():
            with file.open(newline="") as f:
                self.rows = [r for r in csv.DictReader(f) if tuple(r) == headings and None not in r.values()]
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("w", newline="") as f:
                csv.DictWriter(f, headings).writeheader()

    def add(self, rows: Iterable[Mapping[str, object]]) -> None:
        """Keep these too."""
        made = [{k: str(row[k]) for k in self._headings} for row in rows]
        with self._file.open("a", newline="") as f:
            csv.DictWriter(f, self._headings).writerows(made)
        self.rows.extend(made)

    def having(self, **values: object) -> Iterator[dict[str, str]]:
        """The rows with these values."""
        wanted = {k: str(v) for k, v in values.items()}
        return (row for row in self.rows if all(row[k] == v for k, v in wanted.items()))
