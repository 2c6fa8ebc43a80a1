"""What is removed once its time is over, and the room that all of it takes."""
