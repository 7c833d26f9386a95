"""What is said of a lesson: blocks, page by page."""
