"""How improbable a count is: the negative binomial, with variance = phi * mean + v * mean².

Posts come in clusters (phi) and on days full of news (v), so a Poisson tail is wrong by orders of magnitude.
Who posts by the clock scatters less than Poisson: there, for fewer posts, it is the binomial that continues
the negative one.
"""

import math

from alerts.special import betainc

LEAST = 1e-300  #: no probability is taken for less
EXCESS = 1e-3  #: as near to Poisson as it is reckoned


def log_at_most(n: float, mean: float, phi: float, v: float) -> float:
    """log10 of the probability of `n` posts or fewer, where `mean` were to be expected."""
    scatter = phi + v * mean
    if scatter < 1 - EXCESS:
        most = mean / (1 - scatter)
        return math.log10(max(float(betainc(most - n, n + 1, scatter)), LEAST)) if n < most else 0.0
    size = _size(mean, phi, v)
    return math.log10(max(float(betainc(size, n + 1, size / (size + mean))), LEAST))


def log_at_least(n: float, mean: float, phi: float, v: float) -> float:
    """log10 of the probability of `n` posts or more, where `mean` were to be expected."""
    if n <= 0:
        return 0.0
    size = _size(mean, phi, v)
    return math.log10(max(float(betainc(n, size, mean / (size + mean))), LEAST))


def _size(mean: float, phi: float, v: float) -> float:
    """The negative binomial's size parameter; nearly Poisson where there is no more scatter than that."""
    return mean / max(phi - 1 + v * mean, EXCESS)
