"""Is the work being done? Asked by whoever watches over Deadair itself."""
