"""The world behind the sandbox: channels, the accounts that watch them, and all that can be done to them.

It knows no protocol: whoever serves it subscribes to its events. What can be done is told in `publishing`
and `fates`, who is there in `stage`.
"""

from sandbox.fates import Fates
from sandbox.post import PostRecord


class World(Fates):
    """Channels and accounts on one clock."""

    def record(self) -> dict[int, dict[int, PostRecord]]:
        """The sandbox's own record of everything: by channel, by post."""
        return {c.id: c.record() for c in self.channels.values()}
