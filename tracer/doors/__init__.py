"""Other ways in: notebooks and PyTorch."""
