"""The public web preview of the sandbox's channels, as t.me serves it: over HTTP, from the same world."""
