"""Where a path that somebody has written down leads."""

from pathlib import Path

from domain.errors import DeadairError


def place(folder: Path, path: str) -> Path:
    """Where a path of the config leads: a relative one counts from the config's folder.

    Raises DeadairError for one that begins at the home of somebody of whom this machine knows none.
    """
    try:
        return folder / Path(path).expanduser()
    except RuntimeError as error:
        raise DeadairError(
            f"{path} begins at a home that this machine does not know",
            hint="write the path from / on, or have HOME set",
        ) from error
