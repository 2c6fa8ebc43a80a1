"""The country of a channel, and of an episode"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channels", sa.Column("country", sa.String(length=2), nullable=True))
    op.add_column("episodes", sa.Column("country", sa.String(length=2), nullable=True))


def downgrade() -> None:
    # The silence of a country without its name would be told as everyone's: it becomes a group's.
    columns = sa.table("episodes", sa.column("group"), sa.column("country"))
    named = columns.c.country.is_not(None)
    op.execute(columns.update().where(named).values(group=columns.c.country))
    op.drop_column("episodes", "country")
    op.drop_column("channels", "country")
