"""From the text of a post to what it is about."""
