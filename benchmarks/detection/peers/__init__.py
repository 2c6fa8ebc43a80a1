"""What others would run instead, each past-only and fed the same posts."""
