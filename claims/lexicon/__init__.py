"""What the reader knows: actors, places, weapons, actions, cues, topics, as data reviewed like code."""
