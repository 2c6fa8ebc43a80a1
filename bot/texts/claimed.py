"""The words of claim alerts."""

from typing import Final

BY: Final = "Claim by {claimant}"
BY_AT: Final = "Claim by {claimant}: {place}"
REPORTED: Final = "An attack is reported"
REPORTED_AT: Final = "An attack is reported: {place}"
#: What sort of statement it is.
KINDS: Final = {
    "responsibility": "It is claimed by whoever says that it was them.",
    "attack_report": "It is reported; nobody claims it there.",
    "casualty": "Killed or wounded are reported.",
    "tally": "A number of operations over some time.",
}
WHAT: Final = "What: {what}"
WHOM: Final = "Whom: {whom}"
WHERE: Final = "Where: {where}"
WITH: Final = "With: {weapons}"
WHEN: Final = "When: {day}"
WHEN_ABOUT: Final = "When: about {day}"
HURT: Final = "Killed: {killed}. Wounded: {wounded}."
HURT_SOME: Final = "There are said to be casualties."
UNKNOWN_NUMBER: Final = "not said"
HEDGED: Final = "Nobody says so with certainty."
TOLD_BY: Final = "Told by {n} channels so far:"
