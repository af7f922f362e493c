"""Coordinate systems of China and elsewhere: metric systems of a place, GCJ-02 and BD-09."""
