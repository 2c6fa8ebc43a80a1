"""The console script as a person runs it: a subprocess."""

import os
import subprocess
import sys
from pathlib import Path

DEADAIR = Path(sys.executable).parent / "deadair"


def environment(**more: str) -> dict[str, str]:
    """This process's environment without anything of Deadair's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DEADAIR_")}
    return {**kept, "COLUMNS": "110", "NO_COLOR": "1", **more}


def deadair(
    *arguments: str | Path, cwd: Path, within: float = 60, said: str = "", **more: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; `said` is what a person types meanwhile."""
    return subprocess.run(
        [str(DEADAIR), *map(str, arguments)],
        cwd=cwd,
        env=environment(**more),
        capture_output=True,
        input=said,
        text=True,
        timeout=within,
        check=False,
    )


def started(*arguments: str | Path, cwd: Path, **more: str) -> subprocess.Popen[str]:
    """Start a command that goes on until it is stopped."""
    return subprocess.Popen(
        [str(DEADAIR), *map(str, arguments)],
        cwd=cwd,
        env=environment(**more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
