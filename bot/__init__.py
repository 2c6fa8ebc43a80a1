"""From alerts to people."""
