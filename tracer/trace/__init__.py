"""A network as a program of named steps, and what is written when it is worked out."""
