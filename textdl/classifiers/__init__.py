"""Sentiment classifiers: train them, apply them, load and save them.

torch is imported when a model is first trained, loaded or used.
"""

from textdl.classifiers.bagofvectors import train_bag_of_vectors
from textdl.classifiers.bagofwords import BagOfWords, fit_bag_of_words
from textdl.classifiers.copies import augment_corpus
from textdl.classifiers.ensemble import Ensemble, vote
from textdl.classifiers.evaluation import Evaluation, evaluate
from textdl.classifiers.loading import load_model
from textdl.classifiers.model import SentimentModel
from textdl.classifiers.nbsvm import fit_nbsvm
from textdl.classifiers.scores import Scores
from textdl.classifiers.selftraining import pseudo_label
from textdl.classifiers.sweep import Sweep, sweep
from textdl.classifiers.trainers import train_birnn, train_textcnn, train_transformer

__all__ = [
    "BagOfWords",
    "Ensemble",
    "Evaluation",
    "Scores",
    "SentimentModel",
    "Sweep",
    "augment_corpus",
    "evaluate",
    "fit_bag_of_words",
    "fit_nbsvm",
    "load_model",
    "pseudo_label",
    "sweep",
    "train_bag_of_vectors",
    "train_birnn",
    "train_textcnn",
    "train_transformer",
    "vote",
]
