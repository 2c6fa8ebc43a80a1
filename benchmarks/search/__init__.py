"""How quick and how complete search is, beside ILIKE, a bare FTS5 and tantivy."""
