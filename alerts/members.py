"""What is said of a silent group when another of its channels joins, or one proves to be no part of it."""

from collections.abc import Sequence
from dataclasses import replace

from alerts import evidence as told
from alerts.judge import names
from domain.finding import Verdict
from domain.sentence import Sentence


def recounted(verdict: Verdict, them: Sequence[str], *more: str) -> Verdict:
    """The verdict with `them`, by name, as the channels that are quiet; `more` is said besides.

    Lines about a channel that is not among them are left out.
    """
    lines = []
    for line in verdict.evidence:
        if isinstance(line, Sentence):
            if line.template == told.MISSED and line.values["name"] not in them:
                continue
            if line.template == told.GROUP_QUIET:
                n = max(int(str(line.values["n"])), len(them))
                line = Sentence(told.GROUP_QUIET, quiet=len(them), n=n, names=names(them[1:]))
        lines.append(line)
    return replace(verdict, evidence=(*lines, *more))
