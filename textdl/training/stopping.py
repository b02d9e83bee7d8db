"""When to stop: early stopping with patience."""

from __future__ import annotations

from textdl.training.history import History
from textdl.training.recipe import Recipe


def finished(history: History, recipe: Recipe, layers: int = 1) -> bool:
    """Whether all epochs are done, or ``patience`` of them have brought nothing better (Prechelt
    1998, "Early Stopping - But When?", criterion UP). Those before all ``layers`` are trained and
    ``swa`` has begun don't count.

    It looks at nothing but its arguments, so that a resumed run stops where an undisturbed one
    does.
    """
    if not history:
        return False
    gradual = layers - 1 if recipe.unfreeze == "gradual" else 0
    averaged = recipe.swa_epoch if recipe.averaging == "swa" else 0
    waited = len(history) - 1 - max(history.best, gradual, averaged)
    return len(history) >= recipe.epochs or waited >= recipe.patience


def length(history: History, recipe: Recipe, layers: int = 1) -> int:
    """How many of its epochs a run by this recipe has: fewer than all if :func:`finished` says so
    after one before the last."""
    for n in range(1, len(history)):
        if finished(History(history[:n]), recipe, layers):
            return n
    return len(history)
