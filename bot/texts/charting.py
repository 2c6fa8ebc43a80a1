"""What is written on charts."""

from typing import Final

CHART_OBSERVED: Final = "posts"
CHART_EXPECTED: Final = "expected, with its usual range"
CHART_UNKNOWN: Final = "not watched"
CHART_LAST: Final = "last post {at}"
CHART_SINCE: Final = "since {at}"
CHART_PER_HOUR: Final = "posts per hour"
CHART_PER_HOURS: Final = "posts per {n} hours"
CHART_SILENT: Final = "silent for {span}"
CHART_SILENT_TIMES: Final = "silent {n} times"
CHART_COUNT: Final = "{observed} where {expected} were expected"
CHART_BLIND: Final = "blind for {span}"
CHART_TIMES: Final = "times in {zone}"
