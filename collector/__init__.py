"""From Telegram to posts."""
