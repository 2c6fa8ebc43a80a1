"""How soon a silence is seen, at a matched rate of false alarms, beside everyone else who can be run."""
