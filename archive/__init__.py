"""The archive as researchers use it: search, counts, posts with their history, exports."""
