"""PostgreSQL keeps the words of a post beside the table that its index points into"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.beside import add_column

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    # Nothing is put beside a row that is shorter than 2 KB when it is written, whatever `toast_tuple_target`
    # says of how long it may be then. So it is written longer, by what takes 40 bytes once it is compressed.
    add_column("words", sa.Column("filler", sa.Text(), server_default=sa.text("repeat(' ', 2100)")))
    op.execute("ALTER TABLE words ALTER COLUMN body SET STORAGE EXTERNAL")
    op.execute("ALTER TABLE words SET (toast_tuple_target = 128)")
    op.execute("UPDATE search_places SET fingerprint = ''")  # the indexer builds it anew


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("ALTER TABLE words RESET (toast_tuple_target)")
    op.execute("ALTER TABLE words ALTER COLUMN body SET STORAGE EXTENDED")
    op.drop_column("words", "filler")
