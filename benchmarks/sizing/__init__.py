"""What a post costs, and a channel whether it posts or not: the figures of docs/sizing.md."""
