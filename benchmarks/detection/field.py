"""Everyone who is judged, by name."""

from collections.abc import Sequence

from benchmarks.detection.adapter import detectors
from benchmarks.detection.oracle import ORACLES, Oracle
from benchmarks.detection.peers.bins import BINS
from benchmarks.detection.peers.gaps import GAPS
from benchmarks.detection.peers.packages import installed
from benchmarks.detection.peers.shares import SHARES
from benchmarks.detection.score import Detector

OURS = [d.name for d in detectors()]


def field() -> Sequence[Detector]:
    """All who run on any machine: ours, peers in plain numpy, the oracle."""
    return [*detectors(), *GAPS, *BINS, *SHARES, *ORACLES]


def packages() -> Sequence[Detector]:
    """Peers from packages that happen to be installed; they are slow and get fewer streams."""
    return installed()


def knows(detector: Detector, kind: str, level: float) -> bool:
    """Is the detector to be judged on such events? The oracle of one kind is not, on another."""
    return not isinstance(detector, Oracle) or (detector.kind, detector.level) == (kind, level)
