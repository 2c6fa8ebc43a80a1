"""Backups: the whole archive in one file, of either engine, for either engine."""
