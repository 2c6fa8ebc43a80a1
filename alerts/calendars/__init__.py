"""Times of the year in which another rhythm is to be expected: as data, and what they mean for a channel."""
