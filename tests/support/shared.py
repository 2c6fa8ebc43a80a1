"""What lies beside the project and is no part of it: posts of real channels, labelled ones with their scorer.

Others have written the posts, and the labels judge us: neither is ours to ship. So a clone by itself has
none of it, and tests of it skip there, and for no other reason.
"""

from pathlib import Path

import pytest

#: As reasons name it; where continuous integration runs, nothing else may be missing (tests/conftest.py).
SHARED = "../shared"
_ROOT = Path(__file__).resolve().parents[2]


def shared(name: str) -> Path:
    """Where it lies, or would."""
    return _ROOT / SHARED / name


def needs(name: str, what: str) -> pytest.MarkDecorator:
    """For a test of what lies in that folder."""
    reason = f"needs {what} of {SHARED}/{name}, which are not shipped"
    # Real posts and the judge's labels are not ours to ship, so a clone by itself cannot have them.
    return pytest.mark.skipif(not shared(name).is_dir(), reason=reason)
