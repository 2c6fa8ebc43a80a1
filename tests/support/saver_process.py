"""Who saves a sealed session without end, each time something else: `python -m tests.support.saver_process
PATH KEY`. Says the number of each save.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from collector.sealed import SealedSession, opened
from storage.keyring import Keyring


def main(path: Path, key: str) -> None:
    ring = Keyring((key,))
    session = SealedSession(path, ring, opened(path.with_suffix(""), ring, "main"))
    n = session.get_update_state(0).pts
    while True:
        n += 1
        session.set_update_state(0, T.updates.State(n, 0, datetime.fromtimestamp(0, UTC), 0, 0))
        session.save()
        print(n, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
