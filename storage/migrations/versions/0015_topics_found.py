"""Posts of a topic are found without reading all others"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.beside import make_index

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        # By GIN: a list of topics may be longer than what an ordinary index takes.
        where = sa.text("topics <> '[]'::jsonb")
        make_index(
            "ix_readings_topics", "readings", ["topics"], postgresql_using="gin", postgresql_where=where
        )
    else:
        where = sa.text("topics <> '[]'")
        op.create_index("ix_readings_topics", "readings", ["reader_version", "topics"], sqlite_where=where)


def downgrade() -> None:
    op.drop_index("ix_readings_topics", "readings")
