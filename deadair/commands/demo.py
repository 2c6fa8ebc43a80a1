"""`deadair demo`: the main job on embedded parts, with nothing to configure."""

import asyncio
import contextlib
import shutil
import sys
import tempfile
import time
from pathlib import Path

from deadair.log import LogConfig, set_up
from domain.errors import DeadairError


def demo(*, scenario: Path | None, speed: float, output: Path, keep: bool) -> None:
    from deadair.demo.play import PARTS, play
    from deadair.demo.screen import Screen
    from deadair.demo.stage import config_text
    from deadair.wiring import load_code
    from sandbox.scenario import load_scenario

    set_up(LogConfig(level="error"))
    load_code(PARTS)
    played = load_scenario(scenario if scenario is not None else "demo")
    was_there = output.is_dir()
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DeadairError(
            f"cannot write into {output}: {error.strerror}", hint="name a folder of yours: --output FOLDER"
        ) from error
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="deadair-demo-"))
    screen = Screen(played)
    try:
        found = asyncio.run(play(played, folder, output, hours_a_second=speed, screen=screen))
        config = folder / "config.toml"
        config.write_text(config_text(played), encoding="utf-8")
        screen.closing(found, time.monotonic() - began, output, config if keep else None)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
        if not was_there:
            with contextlib.suppress(OSError):  # there are charts in it
                output.rmdir()
    if not found.is_as_expected:
        sys.exit(1)
