"""So many of something, in words."""


def plural(n: int, what: str) -> str:
    """`1 post`, `2,000 posts`."""
    return f"{n:,} {what}{'' if n == 1 else 's'}"
