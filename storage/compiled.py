"""Statements put into words once for all archives of a process, not once for each connection pool.

SQLAlchemy keeps what a statement reads like with the engine that ran it. An open archive has two engines, and
a process that opens one archive after the other has as many as it likes: each would put all statements into
words anew, which takes a millisecond each.
"""

from typing import Any

#: So many are kept: twice what all of the program runs. Those that were made first go first.
_MOST = 2000


class Compiled(dict[Any, Any]):
    """By statement, and by the kind and version of database it is for: engines of one kind read alike."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_for_all(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        if len(self) >= _MOST:
            self.pop(next(iter(self), None), None)
        super().__setitem__(_for_all(key), compiled)


def _for_all(key: tuple[Any, ...]) -> tuple[Any, ...]:
    dialect = key[0]
    return (type(dialect), dialect.server_version_info, *key[1:])


COMPILED = Compiled()
