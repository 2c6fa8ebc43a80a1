"""The public web preview of channels, t.me/s/NAME: read without an account."""
