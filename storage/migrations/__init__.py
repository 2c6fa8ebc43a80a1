"""Migrations of the schema, applied by storage.schema."""
