"""The nouns of Deadair: records with no behaviour but their own rules."""
