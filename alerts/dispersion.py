"""How far a series' posts scatter about what was forecast, learned from its own past forecasts."""

PHI, V = 2.5, 0.12  #: the prior: what channels have in common; variance = PHI * mean + V * mean²
WEIGHT = 40.0  #: so many forecasts the prior counts for
WILD = 16.0  #: a squared error counts up to so many variances, so that one event does not make the rule
OLD = 400.0  #: forecasts after which one weighs a third


class Dispersion:
    """Weighted least squares of the squared error on mean and mean², kept as running sums."""

    __slots__ = ("_b1", "_b2", "_mean", "_n", "_ones", "_square", "phi", "v")

    def __init__(self) -> None:
        self._n = self._ones = self._mean = self._square = self._b1 = self._b2 = 0.0
        self.phi, self.v = PHI, V

    def add(self, observed: float, expected: float, weight: float) -> None:
        """A forecast of `expected` posts came to its end; it counts for so much of an independent one."""
        if expected < 1e-3:
            return
        prior = PHI + V * expected
        error = min((observed - expected) ** 2, WILD * prior * expected) / expected
        w = weight / (prior * prior)
        keep = 1 - weight / OLD
        self._n = self._n * keep + weight
        self._ones = self._ones * keep + w
        self._mean = self._mean * keep + w * expected
        self._square = self._square * keep + w * expected * expected
        self._b1 = self._b1 * keep + w * error
        self._b2 = self._b2 * keep + w * error * expected

    def fit(self, common: tuple[float, float] = (PHI, V)) -> None:
        """Take up what was learned, shrunk to what channels have in common."""
        if self._n < 3:
            self.phi, self.v = common
            return
        more = WEIGHT / self._n
        ones, square = self._ones * (1 + more), self._square * (1 + more)
        b1 = self._b1 + more * self._ones * common[0]
        b2 = self._b2 + more * self._square * common[1]
        det = ones * square - self._mean * self._mean
        phi = (b1 * square - b2 * self._mean) / det if det > 0 else b1 / ones
        v = (ones * b2 - self._mean * b1) / det if det > 0 else 0.0
        if v < 0:
            phi, v = b1 / ones, 0.0
        if phi < 1:
            phi, v = 1.0, max(0.0, (b2 - self._mean) / square)
        self.phi, self.v = phi, v
