"""The settings of a training run, in one object."""

import math
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any, ClassVar, Literal, Self

from annotated_types import Ge, Gt, Le, Lt

from textdl.errors import InputError
from textdl.settings import checked

Optimizer = Literal[
    "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam", "adamw", "ftrl"
]
Schedule = Literal["constant", "step", "exponential", "cosine", "linear", "one-cycle", "plateau"]
Loss = Literal["cross-entropy", "binary", "focal", "hinge", "squared"]
Monitor = Literal["accuracy", "loss", "macro_f1"]
Averaging = Literal["none", "ema", "swa"]
Activation = Literal["relu", "leaky-relu", "elu", "gelu", "tanh", "sigmoid", "maxout"]
Initialisation = Literal["own", "xavier", "he", "orthogonal"]
Precision = Literal["float32", "bf16", "fp16"]

Share = Annotated[float, Ge(0), Lt(1)]
Amount = Annotated[float, Ge(0)]
Positive = Annotated[float, Gt(0)]

_OF_ALL_EPOCHS = ("cosine", "linear", "one-cycle")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a network is trained. The defaults are Adam at a constant rate on cross-entropy.

    Raises:
        InputError: a value is out of range, or two settings exclude each other.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    epochs: Annotated[int, Ge(1)] = 6
    """Passes through the training documents, at most."""
    lr: Positive = 1e-3
    """The step size, before the schedule. What is usual depends on the optimizer: 1e-3 for Adam,
    1e-2 to 1e-1 for SGD and AdaGrad, 1 for AdaDelta."""
    patience: Annotated[int, Ge(1)] = 2
    """Stop after so many epochs without a better one (Prechelt 1998), not counting those before all
    layers are trained and ``swa`` has begun."""
    monitor: Monitor = "accuracy"
    """What makes an epoch better, on the validation documents."""
    seed: Annotated[int, Ge(0)] = 1
    """Decides the order of the batches and whatever is drawn."""

    optimizer: Optimizer = "adam"
    """See :mod:`textdl.training.optimizers`, which names the papers."""
    momentum: Share = 0.9
    """How much of the last step goes on, with ``momentum`` and ``nesterov`` (Polyak 1964)."""
    embedding_lr: Positive | None = None
    """A step size of their own for embeddings."""
    layer_decay: Annotated[float, Gt(0), Le(1)] = 1.0
    """Every layer has so many times the rate of the one above it (Howard & Ruder 2018)."""
    weight_decay: Amount | None = None
    """Decoupled: every step shrinks matrices by ``lr * weight_decay`` (Loshchilov & Hutter 2019);
    by default 0.01 with ``adamw``, else 0. Embeddings, biases and norms are left alone."""
    l2: Amount = 0.0
    """Coupled: adds ``l2 / 2 * |w|²`` of the same matrices to the loss (Krogh & Hertz 1992)."""
    l1: Amount = 0.0
    """Adds ``l1 * |w|`` of the same matrices (Tibshirani 1996). Only ``ftrl`` makes zeros of it,
    in embeddings too."""

    schedule: Schedule = "constant"
    """How the step size changes; see :mod:`textdl.training.schedules`."""
    warmup: Share = 0.0
    """Over this share of all epochs it rises from 0 first (Goyal et al. 2017)."""
    decay: Annotated[float, Gt(0), Lt(1)] = 0.5
    """What ``step``, ``exponential`` and ``plateau`` multiply it by."""
    decay_every: Annotated[int, Ge(1)] = 1
    """After how many epochs: all of them with ``step``, those without a better one with
    ``plateau``."""

    loss: Loss = "cross-entropy"
    """What is made small; see :mod:`textdl.training.losses`. Only ``binary``, ``hinge`` and
    ``squared`` know documents with several labels."""
    label_smoothing: Share = 0.0
    """This share of every target is spread over all classes (Szegedy et al. 2016)."""
    focal_gamma: Amount = 2.0
    """How little ``focal`` cares for what is already right (Lin et al. 2017); 0: cross-entropy."""
    class_weights: Literal["balanced"] | tuple[Positive, ...] | None = None
    """What a document of each class counts; ``balanced``: the inverse of its class' frequency
    (King & Zeng 2001)."""

    consistency: Amount = 0.0
    """Every document is read twice at each step, with other dropout but the same words dropped, and
    the loss is the mean of both plus so many times how much they disagree (Liang et al. 2021,
    "R-Drop"); a step takes twice as long."""

    clip_norm: Positive | None = None
    """Longer gradients, over all parameters, are cut to this length (Pascanu et al. 2013)."""
    clip_value: Positive | None = None
    """Every entry of a gradient is cut to ± this (Mikolov 2012)."""
    max_norm: Positive | None = None
    """No unit's incoming weights get longer (Srivastava et al. 2014; Kim 2014 has 3)."""
    max_norm_layers: tuple[str, ...] = ("output",)
    """In which modules of the network that holds."""
    word_dropout: Share = 0.0
    """Share of the words read as unknown in training (Iyyer et al. 2015)."""
    embedding_dropout: Share = 0.0
    """Share of the vocabulary whose vectors a batch reads as 0 (Gal & Ghahramani 2016)."""
    input_noise: Amount = 0.0
    """Standard deviation of the noise on word vectors in training (Bishop 1995), the same for a
    word in all of a batch."""
    weight_noise: Amount = 0.0
    """Standard deviation of the noise on weight matrices in training (Graves 2011)."""

    averaging: Averaging = "none"
    """Keep a running average of the weights instead of the weights: ``ema``, after every step
    (Polyak & Juditsky 1992), ``swa``, after every epoch (Izmailov et al. 2018)."""
    ema_decay: Share = 0.999
    """How much of the average stays at each step."""
    swa_start: Share = 0.5
    """Share of all epochs before ``swa`` begins."""
    unfreeze: Literal["all", "gradual"] = "all"
    """``gradual``: the first epoch trains the last layer, each further one another layer below
    (Howard & Ruder 2018)."""
    initialisation: Initialisation = "own"
    """Draw the matrices anew (:mod:`textdl.training.initialisation`); ``own``: train on from
    what the network has."""
    precision: Precision = "float32"
    """What products are computed in; weights stay float32 (Micikevicius et al. 2018)."""

    def __post_init__(self) -> None:
        if self.optimizer == "ftrl" and self.weight_decay:
            raise InputError(
                "weight_decay with optimizer 'ftrl': its weights follow from sums of gradients and "
                "can't be shrunk in between; use l2, or another optimizer"
            )
        if self.optimizer == "ftrl" and self.l1 and self.averaging == "ema":
            raise InputError(
                "averaging 'ema' with optimizer 'ftrl' and l1: the average of a weight that has "
                "become 0 never does; choose 'none' or 'swa', or set l1 to 0"
            )
        if self.optimizer == "nesterov" and not self.momentum:
            raise InputError(
                "momentum 0 with optimizer 'nesterov': it has none to look ahead by; use 'sgd', or "
                "a momentum above 0"
            )
        if self.averaging == "swa" and self.swa_epoch >= self.epochs:
            raise InputError(
                f"swa_start {self.swa_start:g} of {self.epochs} epochs: the last one begins before "
                "it, so that nothing is averaged; set it lower, or take more epochs"
            )
        for name in ("label_smoothing", "consistency"):
            if getattr(self, name) and self.loss in ("hinge", "squared"):
                raise InputError(
                    f"{name} with loss {self.loss!r}: it needs probabilities; use "
                    "'cross-entropy', 'focal' or 'binary', or set it to 0"
                )

    @property
    def swa_epoch(self) -> int:
        """The first epoch that ``swa`` averages, counted from 0."""
        return math.ceil(self.swa_start * self.epochs)

    def identity(self) -> dict[str, Any]:
        """JSON: all settings that the weights after any epoch depend on. ``patience`` is not among
        them, nor is ``epochs`` unless rates or averages look at the end of the run: it may be
        prolonged."""
        settings = asdict(self)
        del settings["patience"]
        if self.schedule not in _OF_ALL_EPOCHS and not self.warmup and self.averaging != "swa":
            del settings["epochs"]
        return settings

    def changed(self, **settings: Any) -> Self:
        """The same with other values where they are not None."""
        return replace(self, **{k: value for k, value in settings.items() if value is not None})


Recipe.__init__.__name__ = Recipe.__init__.__qualname__ = "Recipe"  # What messages call it.
Recipe.__init__ = checked(Recipe.__init__)  # type: ignore[method-assign]
