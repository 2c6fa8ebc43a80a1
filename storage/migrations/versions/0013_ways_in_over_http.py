"""Tokens, one-time links and sessions of those who ask over HTTP"""

import sqlalchemy as sa
from alembic import op

from storage.types import Document, Instant, Sequence, Words

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", Sequence, nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("scopes", Document, nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_tokens_secret_hash")),
    )
    op.create_table(
        "sign_in_links",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_sign_in_links")),
    )
    op.create_table(
        "web_sessions",
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=True),
        sa.Column("token_id", Sequence, nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["token_id"], ["tokens.id"]),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_web_sessions")),
    )


def downgrade() -> None:
    op.drop_table("web_sessions")
    op.drop_table("sign_in_links")
    op.drop_table("tokens")
