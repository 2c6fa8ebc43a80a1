"""What can be wrong with a backup."""

from domain.errors import DeadairError


class BackupError(DeadairError):
    """A backup cannot be written, read or restored; the archive is as it was."""
