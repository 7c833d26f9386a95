"""A network trained: batches, epochs, and what came of it."""
