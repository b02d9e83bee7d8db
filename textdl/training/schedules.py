"""Schedules: how the step size changes in the course of a run."""

from __future__ import annotations

import math

from textdl.training.history import History
from textdl.training.recipe import Recipe

START, END, PEAK = 1 / 25, 1e-4, 0.3
"""Of ``one-cycle``: the first and the last rate, and after which share of all steps it is 1."""


def rate(recipe: Recipe, done: float, history: History) -> float:
    """What the step size is multiplied by.

    It depends on nothing but its arguments, so that a resumed run has the rates of an undisturbed
    one.

    Args:
        done: epochs, a part of the current one included.
        history: the epochs before it; only ``plateau`` looks at them.
    """
    warm = recipe.warmup * recipe.epochs
    if done < warm:
        return done / warm
    left = (done - warm) / (recipe.epochs - warm)
    match recipe.schedule:
        case "constant":
            return 1.0
        case "step":
            return float(recipe.decay ** (math.floor(done) // recipe.decay_every))
        case "exponential":
            return exponential(done, recipe.decay)
        case "cosine":
            return cosine(left)
        case "linear":
            return 1 - left
        case "one-cycle":
            return one_cycle(left)
        case "plateau":
            return float(recipe.decay ** plateaus(history, recipe.decay_every))


def exponential(done: float, decay: float) -> float:
    """``decay`` times as much after every epoch, gradually."""
    return float(decay**done)


def cosine(share: float) -> float:
    """From 1 to 0 on half a cosine (Loshchilov & Hutter 2017, "SGDR: Stochastic Gradient Descent
    with Warm Restarts", without restarts)."""
    return (1 + math.cos(math.pi * share)) / 2


def one_cycle(share: float) -> float:
    """Up to 1, then down to almost 0 (Smith & Topin 2018, "Super-Convergence"), momentum left
    alone."""
    if share < PEAK:
        return START + (1 - START) * cosine(1 - share / PEAK)
    return END + (1 - END) * cosine((share - PEAK) / (1 - PEAK))


def plateaus(history: History, every: int) -> int:
    """How often ``every`` epochs in a row were no better than the best before them."""
    found = waited = 0
    for i, epoch in enumerate(history):
        waited = 0 if i == 0 or epoch.rank > max(e.rank for e in history[:i]) else waited + 1
        if waited == every:
            found, waited = found + 1, 0
    return found
