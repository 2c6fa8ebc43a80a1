"""The marks that say what became of each entry of the config."""

from domain.wanted import KNOWN as KNOWN
from domain.wanted import UNRESOLVED as UNRESOLVED
