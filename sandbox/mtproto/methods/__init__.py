"""What the sandbox answers, one file per namespace of the API."""
