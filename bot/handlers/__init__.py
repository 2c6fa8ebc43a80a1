"""What the bot answers: one file per group of commands."""
