"""When to stop: early stopping with patience."""

from __future__ import annotations

from textdl.training.history import History


def finished(history: History, *, epochs: int, patience: int) -> bool:
    """Whether all ``epochs`` are done, or ``patience`` of them have brought nothing better
    (Prechelt 1998, "Early Stopping - But When?", criterion UP).

    It looks at nothing but the history, so that a resumed run stops where an undisturbed one does.
    """
    if not history:
        return False
    return len(history) >= epochs or len(history) - 1 - history.best >= patience
