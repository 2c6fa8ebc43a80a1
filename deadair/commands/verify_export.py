"""`deadair verify FILE`: is an export as it was made?"""

import json
import sys
from pathlib import Path

from archive.export.check import Verified
from archive.export.check import verify as verified
from archive.export.manifest import NAME


def is_export(name: str | None) -> bool:
    """Does somebody mean a file, and not a channel?"""
    if name is None or name.startswith("@"):
        return False
    path = Path(name)
    return path.exists() or "/" in name or path.suffix in (".json", ".ndjson", ".csv", ".parquet", ".zip")


def verify_export(path: Path, *, as_json: bool) -> None:
    """Exit status 1 when something is missing or has changed."""
    found = verified(path)
    if as_json:
        print(json.dumps(_document(found), ensure_ascii=False, indent=1))
    else:
        _show(found)
    if not found.is_whole:
        sys.exit(1)


def _show(found: Verified) -> None:
    for each in found.files:
        said = f"BROKEN: {each.trouble}" if each.trouble else f"{each.file.rows:,} rows, as they were made"
        print(f"{each.file.name}: {said}")
    for name in found.strangers:
        print(f"{name}: is no part of this export")
    for name in found.contradicted:
        print(f"{NAME}: BROKEN: its {name} is not what its own facts give, which is:")
        print(getattr(found.manifest, name))
    broken = sum(bool(each.trouble) for each in found.files)
    if broken:
        print(f"{broken} of {len(found.files)} files are not as they were made")
    if not found.is_whole:
        return
    print(f"whole: {found.manifest.identity}")
    print(f"made {found.manifest.made_at:%Y-%m-%d %H:%M} UTC by Deadair {found.manifest.deadair}")
    print("the files are as the manifest says; whether it is the one that was published, its hash tells")


def _document(found: Verified) -> dict[str, object]:
    return {
        "folder": str(found.folder),
        "whole": found.is_whole,
        "identity": found.manifest.identity,
        "made_at": found.manifest.made_at.isoformat(),
        "files": [
            {"name": each.file.name, "rows": each.file.rows, "trouble": each.trouble or None}
            for each in found.files
        ],
        "strangers": list(found.strangers),
        "contradicted": list(found.contradicted),
    }
