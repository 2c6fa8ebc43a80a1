"""What a migration does to a large table while others go on writing to it, which PostgreSQL allows.

Where nobody can be beside it, in SQLite and while an archive is set up, the same is done in one transaction.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op

#: Of a context of alembic: its steps are done beside others who write.
BESIDE = "deadair_beside"
#: So long a change of a table waits for those who use it, and with it all who want to use it after: then it
#: lets them through, and is tried again.
LOCK_TIMEOUT = "2s"

_BROKEN_OFF = sa.text("SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(:name) AND NOT indisvalid")


@contextmanager
def each_by_itself() -> Iterator[bool]:
    """Within, each statement is a transaction of its own, and soon lets go of what it locked; yields whether.

    What the migration did before is committed by that. If it is broken off it begins anew, so whatever it
    does must do no harm when it is done twice.
    """
    context = op.get_context()
    if not context.opts.get(BESIDE):
        yield False
        return
    with context.autocommit_block():
        yield True


def make_index(name: str, table: str, columns: Sequence[Any], **options: Any) -> None:
    """Nobody is kept from writing while it is built. `options` as `alembic.op.create_index` has them."""
    with each_by_itself() as is_beside:
        if not is_beside:
            op.create_index(name, table, columns, **options)
            return
        # It waits for whoever writes already, but keeps nobody waiting.
        op.execute("SET lock_timeout = 0")
        if op.get_bind().execute(_BROKEN_OFF, {"name": name}).first():
            op.drop_index(name, table, postgresql_concurrently=True)
        op.create_index(name, table, columns, if_not_exists=True, postgresql_concurrently=True, **options)
        op.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")


def add_column(table: str, column: sa.Column[Any]) -> None:
    """One that may be NULL, which costs nothing however large the table is."""
    if column.name not in {each["name"] for each in sa.inspect(op.get_bind()).get_columns(table)}:
        op.add_column(table, column)
