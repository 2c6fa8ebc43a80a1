"""The marks that say what became of each entry of the config."""

#: Which number it was found to be.
KNOWN = "collector.known."
#: It leads nowhere; for `deadair status`.
UNRESOLVED = "collector.unresolved."
