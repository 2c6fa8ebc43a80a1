"""Data centres: an account has one, where all but files is, and a file may lie in another."""

from domain.post import Media

#: Where every account of the sandbox is at home.
HOME = 2


def centre_of(found: Media) -> int:
    """Where a file lies: `centre` in its detail, or with the accounts."""
    return int(found.detail.get("centre", HOME))
