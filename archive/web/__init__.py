"""The archive over HTTP: the application, its door, and what keeps it from harm."""
