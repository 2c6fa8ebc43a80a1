"""What the sandbox has given out, and when: its own log of every version of a post."""

from array import array
from collections import defaultdict
from datetime import UTC, datetime

from sandbox.mtproto.render import Renderer
from sandbox.mtproto.serial import Encoded
from sandbox.post import Post


class Given:
    """Notes each version of a post whenever it is given out, from now on."""

    def __init__(self, render: Renderer) -> None:
        self._times: dict[tuple[int, int, int], array[float]] = defaultdict(lambda: array("d"))
        self._render = render
        self._show = render.post
        render.post = self._post  # type: ignore[method-assign]

    def _post(self, post: Post) -> Encoded:
        at = self._render.world.clock.now().timestamp()
        self._times[post.channel_id, post.id, post.version].append(at)
        return self._show(post)

    def times(self, post: Post) -> list[datetime]:
        """When this version was given to somebody."""
        found = self._times.get((post.channel_id, post.id, post.version), ())
        return [datetime.fromtimestamp(at, UTC) for at in found]
