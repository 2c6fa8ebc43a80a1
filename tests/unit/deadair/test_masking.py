"""What this process writes tells no secret of its config, whichever way it comes to be written."""

import subprocess
import sys
from pathlib import Path

TOKEN = "700800900:AAmarked-token-of-the-bot-Qz81xVw0pTs"
CONFIG = '[health]\nheartbeat_url = "https://example.org/ping/marked-heartbeat-key"\n[log]\nlevel = "debug"\n'


def process(folder: Path, deed: str) -> str:
    """What a process writes that has loaded the config and then does this."""
    (folder / "config.toml").write_text(CONFIG)
    program = (
        "import asyncio, logging, threading, structlog\n"
        "from deadair.config import load\nfrom deadair.log import set_up\n"
        "from deadair.masking import cover_tracebacks\n"
        f"cover_tracebacks()\nsetup = load()\nset_up(setup.config.log)\n{deed}"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={"DEADAIR_BOT_TOKEN": TOKEN},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def says(folder: Path, deed: str) -> str:
    out = process(folder, deed)
    assert "AAmarked" not in out
    assert "marked-heartbeat-key" not in out
    assert "***" in out
    return out


def test_in_a_log_of_ours(tmp_path: Path) -> None:
    deed = "structlog.get_logger('x').warning('refused', url=setup.config.health.heartbeat_url)"
    assert "refused" in says(tmp_path, deed)


def test_in_a_log_of_a_library(tmp_path: Path) -> None:
    assert "GET /bot" in says(tmp_path, "logging.getLogger('lib').debug('GET /bot%s/x', setup.bot_token)")


def test_in_a_traceback_that_is_logged(tmp_path: Path) -> None:
    deed = "try: raise ValueError(setup.bot_token)\nexcept ValueError: logging.exception('no')"
    assert "ValueError: 700800900:***" in says(tmp_path, deed)


def test_in_an_error_that_nobody_caught(tmp_path: Path) -> None:
    deed = (
        "try: raise ValueError(setup.config.health.heartbeat_url)\n"
        "except ValueError as error: raise RuntimeError(setup.bot_token) from error"
    )
    out = says(tmp_path, deed)
    assert "ValueError: https://example.org***" in out
    assert "direct cause" in out


def test_in_an_error_of_a_thread(tmp_path: Path) -> None:
    deed = (
        "def work(): raise ValueError(setup.bot_token)\n"
        "t = threading.Thread(target=work)\nt.start()\nt.join()"
    )
    assert "ValueError: 700800900:***" in says(tmp_path, deed)


def test_in_an_error_that_nobody_could_catch(tmp_path: Path) -> None:
    deed = "class A:\n    def __del__(self): raise ValueError(setup.bot_token)\nA()"
    out = says(tmp_path, deed)
    assert "Exception ignored in: <function A.__del__" in out
    assert "ValueError: 700800900:***" in out


def test_in_an_error_of_a_task_that_nobody_waits_for(tmp_path: Path) -> None:
    deed = (
        "async def work(): raise ValueError(setup.bot_token)\n"
        "async def main():\n    task = asyncio.create_task(work())\n    await asyncio.sleep(0)\n"
        "    await asyncio.sleep(0)\n    del task\nasyncio.run(main())"
    )
    assert "never retrieved" in says(tmp_path, deed)


def test_in_what_is_printed_of_the_setup_itself(tmp_path: Path) -> None:
    """An assertion, a debugger or a library prints what it holds: secrets have no part in that."""
    out = process(tmp_path, "print(repr(setup))")
    assert "Setup(" in out
    assert "AAmarked" not in out
    assert "marked-heartbeat-key" not in out
