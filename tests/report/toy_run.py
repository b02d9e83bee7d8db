"""A finished run of small results in a folder, as the runner leaves it."""

import json
from dataclasses import replace

from classifiers.toy_corpora import make_vectors, review_corpus

from textdl.classifiers import evaluate, fit_bag_of_words, train_textcnn
from textdl.vectors.evaluation.comparison import Measurement, VectorEvaluation


def make_results():
    """The results by stage, with the inputs of each."""
    corpus = review_corpus()
    corpus.info.update(
        source={"source": "synthetic"}, words=3, vocab_splits=["train"], min_count=1,
        unknown_rate=0.0,
    )  # fmt: skip
    vectors = make_vectors(corpus)
    vectors.info.update(model="skipgram", losses=[3.0, 2.0])
    model = train_textcnn(corpus, vectors, widths=(2,), maps=3, epochs=2, device="cpu")
    words = fit_bag_of_words(corpus)
    evaluation = evaluate(corpus, model, words)
    seeds = {f"seed {i}": {"accuracy": 0.5 + i / 10, "macro_f1": 0.5} for i in (1, 2, 3)}
    compared = VectorEvaluation(1, {"skipgram": {"pairs": Measurement(0.5, 5, 5)}}, {})
    return {
        "tokens": (corpus, {}),
        "skipgram": (vectors, {"corpus": "tokens"}),
        "textcnn": (model, {"corpus": "tokens", "vectors": "skipgram"}),
        "bag_of_words": (words, {"corpus": "tokens"}),
        "evaluation@textcnn": (
            replace(evaluation, seeds=seeds),
            {"corpus": "tokens", "model": "textcnn", "baseline": "bag_of_words"},
        ),
        "evaluation@words": (
            evaluate(corpus, words),
            {"corpus": "tokens", "model": "bag_of_words"},
        ),
        "vector_evaluation": (compared, {"vectors": ["skipgram"]}),
    }


def write_run(folder, results):
    """Save results by digest, and return the record."""
    stages = {}
    for i, (name, (value, inputs)) in enumerate(results.items()):
        place = folder / f"digest{i}"
        place.mkdir()
        value.save(place)
        stages[name] = {
            "uses": name.partition("@")[0], "cached": i < 2, "digest": place.name,
            "settings": {"dim": 8, "epochs": i}, "inputs": inputs, "info": dict(value.info),
            "seconds": 1.5, "resumed": False, "measured": {}, "cpu_seconds": 1.0,
            "peak_memory_bytes": 10**8, "of_an_earlier_run": False,
        }  # fmt: skip
    record = {
        "run": "toy-1", "pipeline": "toy", "resolved": {name: {} for name in [*stages, "lost"]},
        "overrides": {"skipgram.dim": 8}, "started_at": 1e9, "outcome": "finished",
        "seconds": 75.0, "versions": {"python": "3.11"}, "git": None,
        "machine": {"platform": "somewhere", "cores": 2}, "stages": stages,
    }  # fmt: skip
    return json.loads(json.dumps(record))
