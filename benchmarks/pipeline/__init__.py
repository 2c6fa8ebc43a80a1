"""The whole way of a post: from the channel to the archive, the index, the reader, the engine and a phone."""
