"""The marks by which parts say how they fare. Apart from what reads them, which takes its time to load."""

from datetime import timedelta
from typing import Final

LIFE: Final = "process.life"
BACKUP: Final = "process.backup"
RETENTION: Final = "process.retention"
WHOLE: Final = "process.whole"
#: Which jobs fail that are done by the clock: by name since when, why, and what to do.
FAILING: Final = "process.failing"
#: Those that say which version of the config each part runs, and what of it counts from the next start on.
CONFIG: Final = "process.config."
WAITS: Final = "waits for a restart"
#: A part says so every minute; what is older is of one that runs no more.
LATELY: Final = timedelta(minutes=5)
