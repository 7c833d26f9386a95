"""Numbers as they are typed, worked out and written down."""
