"""Claims and incidents; who claims what as a series of its own"""

import sqlalchemy as sa
from alembic import op

from storage.types import Document, Instant, Sequence

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "claims",
        sa.Column("id", Sequence, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reader_version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("posted_at", Instant(), nullable=False),
        sa.Column("from_at", Instant(), nullable=False),
        sa.Column("superseded_at", Instant(), nullable=True),
        sa.Column("incident_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("claimant", sa.Text(), nullable=True),
        sa.Column("mode", sa.String(length=30), nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("target_type", sa.Text(), nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("precision", sa.String(length=20), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("action", sa.Text(), nullable=True),
        sa.Column("weapons", Document, nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("date_precision", sa.String(length=20), nullable=False),
        sa.Column("date_source", sa.String(length=20), nullable=False),
        sa.Column("killed", sa.BigInteger(), nullable=True),
        sa.Column("wounded", sa.BigInteger(), nullable=True),
        sa.Column("losses", sa.String(length=12), nullable=True),
        sa.Column("n_operations", sa.BigInteger(), nullable=True),
        sa.Column("assertion", sa.String(length=20), nullable=False),
        sa.Column("repeat", sa.Boolean(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("evidence", Document, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
        sa.UniqueConstraint(
            "channel_id",
            "post_id",
            "reader_version",
            "number",
            "version",
            name=op.f("uq_claims_channel_id_post_id_reader_version_number_version"),
        ),
    )
    op.create_index(op.f("ix_claims_incident_id"), "claims", ["incident_id"], unique=False)
    op.create_index(
        op.f("ix_claims_reader_version_posted_at"), "claims", ["reader_version", "posted_at"], unique=False
    )
    op.create_table(
        "incidents",
        sa.Column("id", Sequence, nullable=False),
        sa.Column("reader_version", sa.Integer(), nullable=False),
        sa.Column("first_at", Instant(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    op.create_index(
        op.f("ix_incidents_reader_version_first_at"),
        "incidents",
        ["reader_version", "first_at"],
        unique=False,
    )

    op.add_column(
        "readings", sa.Column("claimants", Document, nullable=False, server_default=sa.text("'[]'"))
    )
    op.add_column("readings", sa.Column("language", sa.String(length=12), nullable=True))
    op.add_column("episodes", sa.Column("claimant", sa.Text(), nullable=True))
    op.add_column("subscriptions", sa.Column("claimant", sa.Text(), nullable=True))
    with op.batch_alter_table("tallies") as batch:
        batch.add_column(sa.Column("claimant", sa.Text(), nullable=False, server_default=sa.text("''")))
        batch.drop_constraint(op.f("pk_tallies"), type_="primary")
        batch.create_primary_key(
            op.f("pk_tallies"), ["channel_id", "topic", "claimant", "reader_version", "hour"]
        )
    _name_the_live_version()


def _name_the_live_version() -> None:
    """Readings that count so far go on counting until another version is ready to take their place."""
    marks = sa.table(
        "marks", sa.column("name", sa.Text), sa.column("value", Document), sa.column("at", Instant)
    )
    found = op.get_bind().execute(sa.select(marks.c.name, marks.c.at).where(marks.c.name.like("reader.%")))
    places = [(at, int(name[7:])) for name, at in found if name[7:].isdecimal()]
    if places:
        at, version = max(places)
        op.bulk_insert(
            marks, [{"name": "reader.live", "value": {"version": version, "former": None}, "at": at}]
        )


def downgrade() -> None:
    op.execute("DELETE FROM marks WHERE name = 'reader.live'")
    op.execute("DELETE FROM tallies WHERE claimant <> ''")
    with op.batch_alter_table("tallies") as batch:
        batch.drop_constraint(op.f("pk_tallies"), type_="primary")
        batch.drop_column("claimant")
        batch.create_primary_key(op.f("pk_tallies"), ["channel_id", "topic", "reader_version", "hour"])
    # A claimant's silence without its name would be told as that of the whole channel.
    for table in ("episodes", "subscriptions"):
        columns = sa.table(table, sa.column("topic"), sa.column("claimant"))
        named = columns.c.claimant.is_not(None)
        op.execute(columns.update().where(named).values(topic=columns.c.claimant))
        op.drop_column(table, "claimant")
    op.drop_column("readings", "language")
    op.drop_column("readings", "claimants")

    op.drop_index(op.f("ix_incidents_reader_version_first_at"), table_name="incidents")
    op.drop_table("incidents")
    op.drop_index(op.f("ix_claims_reader_version_posted_at"), table_name="claims")
    op.drop_index(op.f("ix_claims_incident_id"), table_name="claims")
    op.drop_table("claims")
