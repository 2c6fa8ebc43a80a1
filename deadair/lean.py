"""structlog without rich, which it loads for tracebacks that no log of ours shows: 9 MB.

Import this module before structlog; where that is loaded already, nothing is different but the memory.
"""

import sys
from importlib import import_module
from typing import Any


def _load() -> None:
    modules: dict[str, Any] = sys.modules
    modules["rich"] = None  # as if it were not installed
    try:
        import_module("structlog")
    finally:
        del modules["rich"]


if "structlog" not in sys.modules and "rich" not in sys.modules:
    _load()
