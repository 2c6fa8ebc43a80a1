"""A network of its own for some processes, joined to ours by a wire that can be pulled out."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

#: Of the range that is kept for tests of networks (RFC 2544).
_OURS, _THEIRS = "198.18.213.1", "198.18.213.2"


class Network:
    """Made by `network`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._wire = f"{name}a"
        self.address = _OURS  #: under which processes in it reach us

    def command(self, *words: str) -> list[str]:
        """The command, to be run in it."""
        return ["ip", "netns", "exec", self._name, *words]

    def cut(self) -> None:
        """What is sent from now on gets lost, and nobody is told."""
        _ip("link", "set", self._wire, "down")

    def join(self) -> None:
        _ip("link", "set", self._wire, "up")


@contextmanager
def network() -> Iterator[Network]:
    """One for as long as the block lasts. Raises LookupError where this user or machine cannot have one."""
    name = f"da{os.getpid() % 100_000}"
    if shutil.which("ip") is None:
        raise LookupError("there is no `ip` here")
    try:
        _ip("netns", "add", name)
    except subprocess.CalledProcessError as error:
        raise LookupError(f"no network of its own may be made: {error.stderr.strip()}") from None
    try:
        try:
            _ip("link", "add", f"{name}a", "type", "veth", "peer", "name", f"{name}b", "netns", name)
            _ip("addr", "add", f"{_OURS}/30", "dev", f"{name}a")
            _ip("link", "set", f"{name}a", "up")
            _ip("-n", name, "addr", "add", f"{_THEIRS}/30", "dev", f"{name}b")
            _ip("-n", name, "link", "set", f"{name}b", "up")
        except subprocess.CalledProcessError as error:
            raise LookupError(f"no wire may be laid: {error.stderr.strip()}") from None
        yield Network(name)
    finally:
        subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)  # the wire with it


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)
