"""Evaluation sets, and how vectors answer them."""
