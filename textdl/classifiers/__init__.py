"""Sentiment classifiers: train them, apply them, load and save them.

torch is imported when a model is first trained, loaded or used.
"""

from textdl.classifiers.bagofwords import BagOfWords, fit_bag_of_words
from textdl.classifiers.evaluation import Evaluation, Scores, evaluate
from textdl.classifiers.loading import load_model
from textdl.classifiers.model import SentimentModel
from textdl.classifiers.trainers import train_textcnn

__all__ = [
    "BagOfWords",
    "Evaluation",
    "Scores",
    "SentimentModel",
    "evaluate",
    "fit_bag_of_words",
    "load_model",
    "train_textcnn",
]
