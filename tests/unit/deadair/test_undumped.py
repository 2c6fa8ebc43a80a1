"""Nobody but root looks into the memory of a process that refuses it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
#: One that looks at its parent, before and after; of a user that is not root, who may look at all.
LOOKS = """
import ctypes, os, resource, sys
from deadair.undumped import refuse_core_dumps

def is_seen():
    looks = os.fork()
    if not looks:
        try:
            open(f"/proc/{os.getppid()}/environ", "rb").close()
        except PermissionError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(looks, 0)[1] == 0

if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # as any process is that was not root before
print(is_seen())
refuse_core_dumps()
print(is_seen(), resource.getrlimit(resource.RLIMIT_CORE)[0])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="it is Linux that is asked for it")
def test_another_process_of_the_same_user_may_not_look_into_ours() -> None:
    done = subprocess.run([sys.executable, "-c", LOOKS], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["True", "False 0"]
