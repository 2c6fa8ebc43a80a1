"""Values as a person writes them into config.toml."""

import json
from datetime import timedelta
from typing import Any

from domain.instant import write_span


def written(value: Any) -> str:
    """`true`, `"6h"`, `["a", "b"]`; nothing for None."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, timedelta):
        return f'"{write_span(value)}"'
    if isinstance(value, tuple | list):
        return "[" + ", ".join(written(each) for each in value) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)
