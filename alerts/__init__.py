"""From counts to alerts: what was to be expected, what was seen, and whose fault the difference is."""
