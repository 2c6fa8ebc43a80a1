"""What is searchable"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SQLITE = (
    # `ascii` parts at ASCII marks alone: what stands between two spaces of ours stays one word.
    """
    CREATE VIRTUAL TABLE words USING fts5(
        body, content='', columnsize=0, detail=full, tokenize="ascii tokenchars '=_'"
    )
    """,
)
POSTGRES = (
    "CREATE TABLE words (doc bigint NOT NULL CONSTRAINT pk_words PRIMARY KEY, body tsvector NOT NULL)",
    # The list of what is pending is read from end to end by every search: a short one.
    "CREATE INDEX ix_words_body ON words USING gin (body) WITH (gin_pending_list_limit = 512)",
    # SQLite finds copies by their signs; of so many at once PostgreSQL makes a scan of everything.
    "CREATE INDEX ix_documents_band_a ON documents (band_a)",
    "CREATE INDEX ix_documents_band_b ON documents (band_b)",
)


def upgrade() -> None:
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "documents",
        sa.Column("doc", whole, autoincrement=False, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("named", sa.BigInteger(), nullable=False),
        sa.Column("band_a", sa.BigInteger(), nullable=False),
        sa.Column("band_b", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("doc", name=op.f("pk_documents")),
        sa.UniqueConstraint("channel_id", "post_id", name=op.f("uq_documents_channel_id_post_id")),
    )
    op.create_table(
        "search_places",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("post", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_search_places")),
    )
    for statement in POSTGRES if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE words")
    op.drop_table("search_places")
    op.drop_table("documents")
    op.execute("DELETE FROM marks WHERE name LIKE 'search.%'")
