"""The training loop."""

from __future__ import annotations

import math
from itertools import islice
from pathlib import Path

import torch
from torch import nn

from textdl.errors import InputError
from textdl.progress import Progress, Silent, kept_if_stopped
from textdl.training.averaging import ema_share, move, using
from textdl.training.batches import Batches
from textdl.training.checkpoints import Checkpoints, State, copied, digest, trained_names
from textdl.training.clipping import clip
from textdl.training.constraints import limit_norm, weights_of
from textdl.training.devices import Device
from textdl.training.dropout import WordDropout, disturbed_embeddings
from textdl.training.engines import choose_engine
from textdl.training.history import Epoch, History
from textdl.training.initialisation import initialise
from textdl.training.layers import (
    dense_gradients,
    layers,
    matrices,
    thawed_afterwards,
    train_mode,
    unfreeze,
)
from textdl.training.losses import Criterion
from textdl.training.noise import noisy_weights
from textdl.training.optimizers import SPARSE, decay_weights, make_optimizers, scale_rates
from textdl.training.penalties import add_penalties
from textdl.training.randomness import random_state, seeded, set_random_state
from textdl.training.recipe import Recipe
from textdl.training.schedules import rate
from textdl.training.stopping import finished, length
from textdl.training.tally import Tally


def fit(
    network: nn.Module,
    training: Batches,
    validation: Batches,
    *,
    recipe: Recipe | None = None,
    epochs: int | None = None,
    lr: float | None = None,
    patience: int | None = None,
    seed: int | None = None,
    checkpoints: Path | None = None,
    checkpoint_steps: int | None = None,
    device: Device = "auto",
    progress: Progress | None = None,
) -> History:
    """Train a classifier by a recipe, and leave it with the weights of its best epoch.

    The same arguments give the same bytes on the same CPU with the same number of threads, also
    if the run is killed and started again with the same ``checkpoints``.

    Args:
        network: called with ids, int64 ``[batch, longest]``, and lengths, int64 ``[batch]``; gives
            logits ``[batch, classes]``.
        recipe: all settings; by default Adam on cross-entropy.
        epochs, lr, patience, seed: instead of those of the recipe.
        checkpoints: a folder for the state after each epoch.
        checkpoint_steps: it is written after every so many batches of an epoch, too.

    Raises:
        InputError: a setting is out of range or does not fit the network or the checkpoint, or the
            loss is no longer finite. The last good checkpoint stays.
    """
    recipe = (recipe or Recipe()).changed(epochs=epochs, lr=lr, patience=patience, seed=seed)
    engine = choose_engine(device, recipe)
    place = engine.place
    _check_precision(network, place, recipe)
    progress = Silent() if progress is None or engine.rank else progress
    network.to(place)
    blocks, names = layers(network), trained_names(network)
    run = _identity(network, names, training, validation, recipe) if checkpoints else ""
    with seeded(recipe.seed, 0, 0, 1, device=place):
        initialise(network, recipe.initialisation)
    criterion = Criterion(recipe, training.class_counts())
    limited = weights_of(network, recipe.max_norm_layers) if recipe.max_norm else []
    drop_words = WordDropout(recipe.word_dropout)
    if recipe.unfreeze == "gradual" and recipe.epochs < len(blocks):
        progress.note(
            f"unfreeze 'gradual' reaches the upper {recipe.epochs} of {len(blocks)} layers in "
            f"{recipe.epochs} epochs: the others stay as they are unless it has more"
        )

    with (
        dense_gradients(network, recipe.optimizer not in SPARSE or engine.world > 1) as dense,
        disturbed_embeddings(network, dropout=recipe.embedding_dropout, noise=recipe.input_noise),
        thawed_afterwards(blocks),
        engine.prepared(network) as called,
    ):
        optimizers = make_optimizers(network, recipe)
        store = Checkpoints(checkpoints, run, names)
        state = store.restore(network, optimizers, progress)
        if state:
            if (end := length(state.history, recipe, len(blocks))) < len(state.history):
                raise InputError(
                    f"{store.path}: written after epoch {len(state.history)}, and with these "
                    f"settings of epochs and patience training ends after epoch {end}. Give "
                    "checkpoints another folder, or remove the file to begin anew"
                )
            batches = f" and {state.batches:,} batches" if state.batches else ""
            done = f"epoch {len(state.history)} of {recipe.epochs}{batches}"
            progress.note(f"resuming from the checkpoint after {done}")
        else:
            state = State(History(), copied(network, names))
            state.average = copied(network, names) if recipe.averaging == "ema" else {}
        engine.scale = state.scale
        if dense and engine.world == 1:
            progress.note(
                f"optimizer {recipe.optimizer!r} has no sparse form: every step moves every row of "
                f"the embeddings, which is slow. {', '.join(SPARSE)} have one"
            )

        def keep() -> None:
            _check_weights(network, f"in epoch {len(state.history) + 1}", recipe)
            state.random = engine.gather(random_state(place))
            state.scale = engine.scale
            if engine.rank == 0:
                store.save(network, optimizers, state)

        while not finished(state.history, recipe, len(blocks)):
            epoch = len(state.history)
            if recipe.unfreeze == "gradual":
                unfreeze(blocks, epoch + 1)
            train_mode(network)
            noisy = matrices(network) if recipe.weight_noise else []
            with seeded(recipe.seed, epoch, *engine.stream, device=place):
                set_random_state({k: v[engine.rank] for k, v in state.random.items()}, place)
                for whole in islice(training.shuffled(recipe.seed, epoch), state.batches, None):
                    middle = epoch + (state.documents + len(whole.rows) / 2) / len(training)
                    scale_rates(optimizers, rate(recipe, middle, state.history))
                    state.batches += 1
                    state.documents += len(whole.rows)
                    when = f"in epoch {epoch + 1}, example {state.documents:,}"
                    batch, weight = engine.part(whole.to(place))
                    batch = batch._replace(ids=drop_words(batch.ids))
                    if recipe.consistency:
                        batch = batch.twice()
                    network.zero_grad()
                    with noisy_weights(noisy, recipe.weight_noise):
                        with engine.autocast():
                            logits = called(batch.ids, batch.lengths).float()
                            loss = criterion.in_training(logits, batch.labels)
                        mass = criterion.mass(logits, batch.labels)
                        state.tally.add(loss.item(), mass, logits, batch.labels)
                        _check(state.tally.loss, when, recipe)
                        engine.backward(loss * weight, optimizers)
                    clip(network.parameters(), norm=recipe.clip_norm, value=recipe.clip_value)
                    add_penalties(optimizers)
                    decay_weights(optimizers)
                    engine.step(optimizers)
                    for matrix in limited:
                        limit_norm(matrix, recipe.max_norm or math.inf)
                    if recipe.averaging == "ema":
                        share = ema_share(recipe.ema_decay, state.averaged)
                        move(state.average, network.state_dict(), share)
                        state.averaged += 1
                    if checkpoint_steps and state.batches % checkpoint_steps == 0:
                        keep()
                    # One of several processes can't write a checkpoint on its own.
                    with kept_if_stopped(keep if engine.world == 1 else None):
                        progress.update(
                            epoch * len(training) + state.documents,
                            recipe.epochs * len(training),
                            "examples",
                            loss=state.tally.loss,
                            accuracy=state.tally.accuracy,
                        )

            if recipe.averaging == "swa" and epoch >= recipe.swa_epoch:
                state.average = state.average or copied(network, names)
                state.averaged += 1
                move(state.average, network.state_dict(), 1 / state.averaged)
            with using(network, state.average):
                held_out = validate(network, validation, criterion)
                _check(held_out.loss, f"on validation after epoch {epoch + 1}", recipe)
                state.end_epoch(engine.agreed(_epoch(state.tally, held_out, recipe)))
                if state.history.best == epoch:
                    state.best = copied(network, names)
            state.scale = engine.scale
            if engine.rank == 0:
                store.save(network, optimizers, state)
            _report(state.history, held_out, recipe, progress)

        network.load_state_dict(network.state_dict() | state.best)
    _compare_with_majority(state.history, validation, progress)
    return state.history


@torch.inference_mode()
def validate(
    network: nn.Module,
    batches: Batches,
    criterion: Criterion | None = None,
) -> Tally:
    """How good a network is, without dropout; by default its loss is cross-entropy."""
    criterion = criterion or Criterion(Recipe(), batches.class_counts())
    place = next(network.parameters()).device
    network.eval()
    tally = Tally()
    for batch in batches.in_order():
        batch = batch.to(place)
        logits = network(batch.ids, batch.lengths)
        loss, mass = criterion(logits, batch.labels), criterion.mass(logits, batch.labels)
        tally.add(loss.item(), mass, logits, batch.labels)
    return tally


def _identity(
    network: nn.Module,
    names: list[str],
    training: Batches,
    validation: Batches,
    recipe: Recipe,
) -> str:
    settings = {"batch_size": training.batch_size, "trained": names, **recipe.identity()}
    contents = (*training.content(), *validation.content())
    return digest(settings, repr(network), *network.state_dict().values(), *contents)


def _check_precision(network: nn.Module, place: torch.device, recipe: Recipe) -> None:
    recurrent = any(isinstance(module, nn.RNNBase) for module in network.modules())
    if recipe.precision == "fp16" and place.type == "cpu" and recurrent:
        raise InputError(
            "precision 'fp16': torch has no recurrent networks of it on a CPU; use 'bf16'"
        )


def _epoch(seen: Tally, held_out: Tally, recipe: Recipe) -> Epoch:
    score = None if recipe.monitor == "accuracy" else held_out.score(recipe.monitor)
    return Epoch(seen.loss, seen.accuracy, held_out.loss, held_out.accuracy, score)


def _check(loss: float, when: str, recipe: Recipe) -> None:
    if not math.isfinite(loss):
        more = "" if recipe.clip_norm else ", or set clip_norm"
        raise InputError(f"the loss became {loss} {when}: lower lr (it is {recipe.lr:g}){more}")


def _check_weights(network: nn.Module, when: str, recipe: Recipe) -> None:
    if not all(bool(p.isfinite().all()) for p in network.parameters() if p.requires_grad):
        _check(math.nan, when, recipe)


def _report(history: History, held_out: Tally, recipe: Recipe, progress: Progress) -> None:
    last = history[-1]
    progress.note(
        f"epoch {len(history)} of {recipe.epochs}: loss {last.loss:.4f}, validation loss "
        f"{last.validation_loss:.4f}, validation accuracy {last.validation_accuracy:.4f}"
    )
    if held_out.only is not None:
        progress.note(
            f"after epoch {len(history)} every validation document is predicted as class "
            f"{held_out.only}: the network has learnt nothing yet; try another lr, or "
            "class_weights='balanced' if the classes are of unequal size"
        )


def _compare_with_majority(history: History, validation: Batches, progress: Progress) -> None:
    counts = validation.class_counts()
    majority = counts.max() / len(validation) if len(validation) else 0.0
    reached = history[history.best].validation_accuracy
    if validation.one_label and reached < majority:
        progress.note(
            f"the best validation accuracy is {reached:.4f}, and always saying the most frequent "
            f"class gives {majority:.4f}: train longer, try another lr, or see whether texts and "
            "labels belong together"
        )
