"""Reads posts from files that Telegram Desktop, Telethon scripts and other tools have written."""
