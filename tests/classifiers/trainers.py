"""All trainers of classifiers as functions from a corpus to a model: a new one gets its tests by
one more line, and, if it has the settings of training, by its name in NETWORKS."""

from functools import cache

import pytest
from classifiers.toy_corpora import review_corpus
from training.toy_networks import Notes

from textdl.classifiers import (
    evaluate,
    fit_nbsvm,
    train_bag_of_vectors,
    train_birnn,
    train_textcnn,
    train_transformer,
)

QUICK = {"dim": 8, "epochs": 3, "patience": 3, "batch_size": 16, "lr": 0.01, "device": "cpu"}
BAG = {"dim": 8, "buckets": 1000, "dropout": 0.2, "epochs": 20, "lr": 1.0}
TRAINERS = {
    "textcnn": (train_textcnn, {**QUICK, "maps": 8}),
    "birnn": (train_birnn, {**QUICK, "hidden": 8}),
    "transformer": (train_transformer, {**QUICK, "width": 16, "heads": 2, "feedforward": 16}),
    "bag_of_vectors": (train_bag_of_vectors, BAG),
    "nbsvm": (fit_nbsvm, {}),
}
NETWORKS = ["textcnn", "birnn", "transformer"]

LONG = {"epochs": 8, "patience": 8, "lr": 0.02}
STILL = {"optimizer": "sgd", "lr": 1e-30, "epochs": 1}
"""Steps too small for any weight, so that training leaves a network as it begins."""

of_all = pytest.mark.parametrize("name", TRAINERS)
of_networks = pytest.mark.parametrize("name", NETWORKS)


def train(name, corpus, vectors=None, **settings):
    function, defaults = TRAINERS[name]
    if name in NETWORKS and vectors is None and "init_from" not in settings:
        settings = {"embedding": "random", **settings}
    given = [] if vectors is None else [vectors]
    return function(corpus, *given, **{**defaults, **settings})


@cache
def corpus():
    return review_corpus()


@cache
def trained(name, **settings):
    """A model that no test changes."""
    return train(name, corpus(), **settings)


def accuracy(model, corpus):
    return evaluate(corpus, model).model.accuracy


def weights(model):
    return {name: value.clone() for name, value in model.network.state_dict().items()}


def moved(one, two):
    """How far the weights of one model are from their counterparts, as a share of their size."""
    return {
        name: float((value - two[name]).norm() / value.norm().clamp_min(1e-3))
        for name, value in one.items()
        if value.is_floating_point()
    }


def saved(model, folder):
    model.save(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class Killed(BaseException):
    pass


class Killer(Notes):
    """Kills after so many batches, or so many epochs."""

    def __init__(self, batches=0, epochs=0):
        super().__init__()
        self.batches, self.epochs = batches, epochs

    def update(self, *args, **facts):
        super().update(*args, **facts)
        if len(self.updates) == self.batches:
            raise Killed

    def note(self, text):
        if text.startswith(f"epoch {self.epochs} of"):
            raise Killed
