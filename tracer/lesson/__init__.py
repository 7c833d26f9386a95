"""A Markdown file read, worked out and checked."""
