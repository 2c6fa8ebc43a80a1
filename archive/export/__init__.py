"""Exports: what a query finds as files that others can read, check and cite."""
