"""What was needed for a while is given back."""

import subprocess
import sys

import pytest

from deadair.memory import _of_glibc

# Every second piece stays, so that nothing can go back at the end of what the program has.
_PROGRAM = """
from threading import Thread
from deadair.memory import give_back, keep_little

def resident():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

def fill(kept):
    pieces = [bytearray(b"x") * 20_000 for _ in range(3000)]
    kept += pieces[::50]

if given := {keeps}:
    keep_little()
kept = []
for _ in range(4):
    thread = Thread(target=fill, args=(kept,))
    thread.start()
    thread.join()
before = resident()
give_back()
print(before, resident())
"""


# Elsewhere nothing is done, and memory is as the C library has it: there is nothing to hold to.
@pytest.mark.skipif(_of_glibc("malloc_trim") is None, reason="the C library is not glibc")
@pytest.mark.parametrize("keeps", [True, False])
def test_pieces_that_are_free_between_others_go_back(keeps: bool) -> None:
    program = _PROGRAM.replace("{keeps}", str(keeps))
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    before, after = map(int, run.stdout.split())
    assert before - after > 20_000
