"""Moving: an archive out of SQLite into PostgreSQL, while it is still being written to."""
