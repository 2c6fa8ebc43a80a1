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


def test_what_draws_is_loaded_with_the_first_chart() -> None:
    code = "import sys, bot.models, bot.app; print('aiogram' in sys.modules, 'matplotlib' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["True", "False"]
