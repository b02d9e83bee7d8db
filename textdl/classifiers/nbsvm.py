"""The baseline that is hard to beat: a linear classifier over n-grams that naive Bayes has weighed.

Wang & Manning 2012, "Baselines and Bigrams: Simple, Good Sentiment and Topic Classification": what
a document contains, times each n-gram's log-count ratio

    r = log((alpha + p) / ‖alpha + p‖₁) - log((alpha + q) / ‖alpha + q‖₁)

for the numbers p and q of documents of the class and of the others that have it, goes into a
support vector machine or (Mesnil et al. 2015, "Ensemble of Generative and Discriminative Techniques
for Sentiment Analysis of Movie Reviews", who add trigrams) logistic regression.
"""

from __future__ import annotations

import warnings
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le, Lt
from numpy.typing import NDArray

from textdl.classifiers.examples import labelled, membership, training_and_validation
from textdl.classifiers.excerpt import excerpt
from textdl.classifiers.model import SentimentModel
from textdl.classifiers.ngrams import document_ngrams, ngram_hashes
from textdl.classifiers.scores import decide, score_labels
from textdl.errors import InputError
from textdl.progress import Progress, Silent
from textdl.settings import checked
from textdl.text.corpus import Corpus

ITERATIONS = 1000

Loss = Literal["logistic", "squared-hinge"]


@checked
def fit_nbsvm(
    corpus: Corpus,
    *,
    longest: Annotated[int, Ge(1), Le(10)] = 3,
    min_count: Annotated[int, Ge(1)] = 3,
    alpha: Annotated[float, Gt(0)] = 1.0,
    c: Annotated[float, Gt(0)] = 1000.0,
    beta: Annotated[float, Ge(0), Le(1)] = 1.0,
    normalize: bool = True,
    loss: Loss = "logistic",
    split: str = "train",
    validation: Annotated[float, Ge(0), Lt(1)] = 0.0,
    seed: Annotated[int, Ge(0)] = 1,
    progress: Progress | None = None,
) -> SentimentModel:
    """Fit NB-SVM to the labelled documents of a split; of more than two labels, each against the
    rest. If a document may have several, each is decided for itself. The same corpus and seed give
    the same model.

    Args:
        longest: words in the longest n-grams.
        min_count: n-grams that fewer documents contain are left out.
        alpha: added to all counts.
        c: how much a misclassified document costs beside large weights.
        beta: 1 leaves the weights as they are fitted, 0 replaces them by the mean of their sizes,
            which is naive Bayes.
        normalize: the weighed n-grams of every document have Euclidean length 1, so that long
            documents count no more than short ones; not in the paper.
        loss: ``logistic`` regression, or a support vector machine, ``squared-hinge``, whose margins
            are then taken for log-odds.
        validation: share of the split that is left out, by ``seed`` the same documents that the
            networks validate on: then an ensemble of both can be weighed by them.
        seed: also decides the order in which the solver goes through the documents.
        progress: what hears of the number of n-grams.

    Raises:
        InputError: a setting is out of range, the split can't be trained on, every document has
            the same one of several labels, or no n-gram is in ``min_count`` documents.
    """
    import torch

    from textdl.classifiers.ngramweights import NgramWeights

    progress = progress or Silent()
    if validation:
        examples, held_out = training_and_validation(
            corpus, split, share=validation, seed=seed, progress=progress, several=True
        )
    else:
        examples, held_out = labelled(corpus, split, at_least=1, several=True), None
    classes = len(corpus.label_names)
    belongs = membership(examples.labels, classes)
    if (always := belongs.all(0)).any():
        name = corpus.label_names[int(always.argmax())]
        raise InputError(f"every document of split {split!r} has the label {name!r}: leave it out")
    hashes, features = _features(
        *document_ngrams(corpus, examples.documents, longest, ngram_hashes), min_count
    )
    progress.note(f"{len(hashes):,} n-grams are in {min_count:,} documents or more")
    network = NgramWeights(
        words=len(corpus.vocab),
        classes=classes,
        longest=longest,
        ngrams=len(hashes),
        normalized=normalize,
        several=examples.several,
    )
    network.hashes.copy_(torch.from_numpy(hashes))
    two = classes == 2 and not examples.several
    for column, targets in enumerate(belongs.T[1:] if two else belongs.T):
        ratios = log_count_ratios(features, targets, alpha)
        weighed = _weighed(features, ratios, normalize)
        weights, network.bias[column] = _separate(weighed, targets, c, loss, seed, progress)
        weights = beta * weights + (1 - beta) * np.abs(weights).mean()
        network.weights[:, column] = torch.from_numpy(weights * ratios)
        if normalize:
            network.squares[:, column] = torch.from_numpy(ratios**2)
    settings = {
        "longest": longest, "min_count": min_count, "alpha": alpha, "c": c, "beta": beta,
        "normalize": normalize, "loss": loss, "split": split, "validation": validation,
        "seed": seed,
    }  # fmt: skip
    model = SentimentModel(
        network,
        corpus.vocab,
        corpus.tokenizer,
        corpus.label_names,
        several=examples.several,
        info={
            "settings": settings,
            "examples": {"training": len(examples)},
            "corpus": corpus.info,
        },
    )
    if held_out:
        predicted = model.predict_corpus(excerpt(corpus, {"validation": held_out}), "validation")
        decided = decide(predicted, several=held_out.several)
        scores = score_labels(held_out.labels, decided, model.label_names)
        model.info["validation_accuracy"] = scores.accuracy
    return model


def log_count_ratios(
    features: Any, targets: NDArray[np.bool_], alpha: float
) -> NDArray[np.float64]:
    """The log-count ratio r of each feature, float64 ``[features]``.

    Args:
        features: sparse ``[documents, features]``, 1 where a document has a feature.
        targets: bool ``[documents]``, which of them belong to the class.
    """
    inside = alpha + features[targets].sum(0).A1
    outside = alpha + features[~targets].sum(0).A1
    ratios: NDArray[np.float64] = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
    return ratios


def _features(
    numbers: NDArray[np.int64], offsets: NDArray[np.int64], min_count: int
) -> tuple[NDArray[np.int64], Any]:
    """The n-grams that are in enough documents, ascending, and which documents have them: a sparse
    matrix, float64 ``[documents, n-grams]``."""
    from scipy.sparse import csc_matrix

    size = len(offsets) - 1
    order = np.argsort(numbers, kind="stable")
    numbers, documents = numbers[order], np.repeat(np.arange(size), np.diff(offsets))[order]
    first = np.ones((2, len(numbers)), np.bool_)  # Of an n-gram, and of it in a document.
    first[0, 1:] = numbers[1:] != numbers[:-1]
    first[1, 1:] = first[0, 1:] | (documents[1:] != documents[:-1])
    numbers, documents, starts = numbers[first[1]], documents[first[1]], first[0, first[1]]
    counts = np.diff(np.flatnonzero(np.append(starts, True)))
    kept = counts >= min_count
    if not kept.any():
        raise InputError(
            f"no n-gram is in {min_count:,} of the {size:,} documents: lower min_count"
        )
    rows = documents[np.repeat(kept, counts)]
    ends = np.concatenate([[0], np.cumsum(counts[kept])])
    features = csc_matrix((np.ones(len(rows)), rows, ends), shape=(size, len(ends) - 1))
    return numbers[starts][kept], features.tocsr()


def _weighed(features: Any, ratios: NDArray[np.float64], normalize: bool) -> Any:
    """The features times their ratios, a sparse matrix of the same shape."""
    from scipy.sparse import csr_matrix

    data = ratios[features.indices]
    if normalize:
        squares = csr_matrix((data**2, features.indices, features.indptr), features.shape)
        lengths = np.sqrt(squares.sum(1).A1)
        data /= np.repeat(np.maximum(lengths, 1e-12), np.diff(features.indptr))
    return csr_matrix((data, features.indices, features.indptr), features.shape)


def _separate(
    features: Any, targets: NDArray[np.bool_], c: float, loss: Loss, seed: int, progress: Progress
) -> tuple[NDArray[np.float64], float]:
    """The weights and the bias of a linear classifier, by liblinear's dual coordinate descent (Fan
    et al. 2008, "LIBLINEAR: A Library for Large Linear Classification")."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    if loss == "logistic":
        solver = LogisticRegression(
            C=c, solver="liblinear", dual=True, max_iter=ITERATIONS, random_state=seed
        )
    else:
        solver = LinearSVC(C=c, dual=True, max_iter=ITERATIONS, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        solver.fit(features, targets)
    if np.max(solver.n_iter_) >= ITERATIONS:
        progress.note(f"the solver stopped after {ITERATIONS:,} rounds: a lower c needs fewer")
    return solver.coef_[0], float(solver.intercept_[0])
