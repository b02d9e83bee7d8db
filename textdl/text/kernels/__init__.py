"""The hot loops over raw text."""
