"""Detectors: each says when a series departs from its rhythm, and since when."""
