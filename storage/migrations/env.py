"""Runs the migrations on the connection that storage.schema hands over."""

from alembic import context

from storage.migrations.beside import BESIDE
from storage.tables import Table

connection = context.config.attributes["connection"]
is_beside = context.config.attributes.get(BESIDE, False)
context.configure(
    connection=connection,
    target_metadata=Table.metadata,
    render_as_batch=True,
    transaction_per_migration=is_beside,
    **{BESIDE: is_beside},
)
with context.begin_transaction():
    context.run_migrations()
