"""A written line as data: its tree, its names, how it is read, worked out and printed."""
