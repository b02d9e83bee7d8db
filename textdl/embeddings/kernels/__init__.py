"""The hot loops. Importing a module of this package imports Numba."""
