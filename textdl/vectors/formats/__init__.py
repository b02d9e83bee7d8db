"""File formats of vectors, one module each."""
