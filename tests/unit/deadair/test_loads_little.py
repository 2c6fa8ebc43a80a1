"""What is asked often loads little: a container asks `deadair health` every three minutes."""

import subprocess
import sys

import pytest

#: Each takes its second, or most of one.
HEAVY = ("aiogram", "telethon", "scipy", "fastapi", "pyarrow", "matplotlib", "langdetect")


@pytest.mark.parametrize("modules", ["deadair.commands.health, deadair.health.vitals, deadair.health.judge"])
def test_how_well_it_is_is_told_without_the_libraries_of_the_parts(modules: str) -> None:
    code = f"import sys, {modules}; print(*(name for name in {HEAVY} if name in sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


_LOADED = """
print(*(name for name in ("rich", "scipy.linalg", "scipy.special") if name in sys.modules))
"""


def test_what_runs_loads_neither_rich_nor_linear_algebra() -> None:
    code = f"import sys, deadair.lean, deadair.commands.run, deadair.wiring as w; w.load_code(); {_LOADED}"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


def test_both_can_still_be_loaded_and_are_whole() -> None:
    code = """
import deadair.lean, structlog, rich.console, alerts.special
from scipy import special
print(special.betainc is alerts.special.betainc, special.nbdtrik is alerts.special.nbdtrik)
print(special.roots_legendre(2)[0].size, structlog.dev.plain_traceback is not None)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["True", "True", "2", "True"]


def test_what_draws_is_loaded_with_the_first_chart() -> None:
    code = "import sys, bot.models, bot.app; print('aiogram' in sys.modules, 'matplotlib' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["True", "False"]
