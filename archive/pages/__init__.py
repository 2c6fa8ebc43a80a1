"""Pages for people: made on the server, in their language, working without any other host."""
