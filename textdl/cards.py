"""Model cards: what a saved model or set of vectors is, was made of, and is not good for, as a
``README.md`` in the format of the Hugging Face Hub.

Mitchell et al. 2019, "Model Cards for Model Reporting". A card follows from what it describes: the
same model has the same card.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

FILE = "README.md"
LONG = 200
"""Characters of a string, or values of a list, that are too many for a table."""

Facts = Mapping[str, Any]

SOURCES = {
    "synthetic": (
        "Reviews that textdl generates from a grammar of its own (MIT licence). What is learnt "
        "from them says nothing about real texts."
    ),
    "stanfordnlp/imdb": (
        "The Large Movie Review Dataset (Maas et al. 2011), English film reviews of IMDb's users. "
        "The authors state no licence; the reviews belong to those who wrote them."
    ),
}
"""What is known about the data that pipelines of textdl name."""

_UNMEASURED = "No scores on held-out texts are recorded: measure it on some of your own."
_UNKNOWN = "Not recorded: ask whoever made it, and see that its licence allows what you plan."


def vectors_card(info: Facts, *, words: int, dim: int, unseen: bool) -> str:
    """The card of word vectors.

    Args:
        info: as in ``Vectors.info``.
        unseen: whether words that are not in the vocabulary have vectors, too.
    """
    name = info.get("model") or "word vectors"
    lines = [f"{words:,} vectors of {dim} numbers."]
    if unseen:
        lines.append("Words that were not seen in training get vectors from their parts.")
    return _card(
        title=f"Word vectors: {name}",
        what=" ".join(lines),
        use=["import textdl", "", 'vectors = textdl.load_vectors("FOLDER")',
             'vectors.neighbors("film")'],
        task="feature-extraction",
        tags=["word-embeddings", *([info["model"]] if "model" in info else [])],
        info=info,
        results=[],
        figures=_losses(info),
        limits=(
            "Words have one vector each, whatever they mean in a sentence. Vectors repeat what "
            "the texts say of people, prejudice included (Bolukbasi et al. 2016; Caliskan et al. "
            "2017): look at the neighbours of the words that matter before they decide anything. "
            "Rare words have poor vectors, and opposites are often close to each other."
        ),
    )  # fmt: skip


def classifier_card(
    info: Facts,
    *,
    network: str,
    label_names: Iterable[str],
    tokenizer: Facts,
    epochs: list[dict[str, float]],
) -> str:
    """The card of a classifier.

    Args:
        info: as in ``SentimentModel.info``.
        network: its kind.
        tokenizer: its settings.
        epochs: what was measured after each of them.
    """
    labels = ", ".join(label_names)
    accuracies = info.get("validation_accuracy", {})
    if not isinstance(accuracies, Mapping):
        accuracies = {network: accuracies}
    if epochs and (best := info.get("best_epoch")):
        accuracy = epochs[best - 1]["validation_accuracy"]
    else:
        accuracy = accuracies.get(info.get("best", network))
    return _card(
        title=f"Text classifier: {network}",
        what=f"Tells these apart: {labels}.",
        use=["import textdl", "", 'model = textdl.load_model("FOLDER")',
             'model.predict(["A text."])'],
        task="text-classification",
        tags=["sentiment-classification", network],
        info={**info, "tokenizer": tokenizer},
        results=[] if accuracy is None else [("accuracy", "validation", accuracy)],
        figures=_epochs(epochs) or _accuracies(accuracies) or [_UNMEASURED],
        limits=(
            "It knows texts like those it was trained on. On others (another topic, time, "
            "language, length) it errs more often, and its probabilities are too sure. What the "
            "training texts say of groups of people can tilt its answers. Measure it on labelled "
            "texts of your own, with `textdl test`, before its answers count."
        ),
    )  # fmt: skip


def write_card(folder: Path, card: str) -> None:
    (folder / FILE).write_text(card, "utf-8")


def _card(
    *,
    title: str,
    what: str,
    use: list[str],
    task: str,
    tags: list[str],
    info: Facts,
    results: list[tuple[str, str, float]],
    figures: list[str],
    limits: str,
) -> str:
    source = info.get("corpus", {}).get("source", {})
    dataset = source.get("dataset") or ("synthetic" if source.get("source") == "synthetic" else "")
    head: dict[str, Any] = {
        "library_name": "textdl",
        "pipeline_tag": task,
        "tags": tags,
        "license": "unknown",
    }
    if "/" in dataset:
        head["datasets"] = [dataset]
    if results:
        head["model-index"] = [
            {
                "name": title,
                "results": [
                    {
                        "task": {"type": task},
                        "dataset": {"name": dataset or "unknown", "type": dataset or "unknown",
                                    "split": split},
                        "metrics": [{"type": metric, "value": round(value, 4)}],
                    }
                    for metric, split, value in results
                ],
            }
        ]  # fmt: skip
    rows = _settings(info)
    # JSON is YAML, too.
    matter = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
    parts = [
        "---", *matter, "---", "", f"# {title}", "", what, "",
        "```python", *use, "```", "",
        "## Training data", "", *_data(info, dataset), "",
        *(["## Settings", "", *_table(("setting", "value"), rows), ""] if rows else []),
        *(["## Metrics", "", *figures, ""] if figures else []),
        "## Licence", "", "That of the training data decides; textdl itself adds no condition.", "",
        "## Limits and biases", "", limits, "",
    ]  # fmt: skip
    return "\n".join(parts)


def _data(info: Facts, dataset: str) -> list[str]:
    corpus = info.get("corpus", {})
    lines = [SOURCES.get(dataset, _UNKNOWN)]
    if "tokens" in corpus:
        lines.append(
            f"The corpus has {corpus['tokens']:,} tokens in all its splits, and "
            f"{corpus['words']:,} different words that are frequent enough."
        )
    if "words_per_epoch" in info:
        lines.append(f"An epoch reads {info['words_per_epoch']:,} tokens.")
    if "examples" in info:
        counts = (f"{count:,} for {use}" for use, count in info["examples"].items())
        lines.append(f"Labelled documents: {', '.join(counts)}.")
    return lines


def _settings(info: Facts) -> list[tuple[str, str]]:
    tokenizer = {"tokenizer": info["tokenizer"]} if "tokenizer" in info else {}
    rows = {**tokenizer, **info.get("settings", {})}
    return [(name, json.dumps(_brief(value), ensure_ascii=False)) for name, value in rows.items()]


def _brief(value: Any) -> Any:
    """A setting without what nobody reads, such as a tokenizer's trained model."""
    if isinstance(value, Mapping):
        return {key: _brief(inner) for key, inner in value.items()}
    if isinstance(value, str | list) and len(value) > LONG:
        return f"{len(value):,} {'characters' if isinstance(value, str) else 'values'}"
    return value


def _losses(info: Facts) -> list[str]:
    rows = [(str(i), f"{loss:.4f}") for i, loss in enumerate(info.get("losses", ()), 1)]
    return _table(("epoch", "loss"), rows) if rows else []


def _epochs(epochs: list[dict[str, float]]) -> list[str]:
    rows = [
        (str(i), *(f"{epoch[name]:.4f}" for name in ("loss", "validation_loss")),
         f"{epoch['validation_accuracy']:.4f}")
        for i, epoch in enumerate(epochs, 1)
    ]  # fmt: skip
    head = ("epoch", "loss", "loss on validation", "accuracy on validation")
    return _table(head, rows) if rows else []


def _accuracies(accuracies: Mapping[str, float]) -> list[str]:
    rows = [(name, f"{accuracy:.4f}") for name, accuracy in accuracies.items()]
    return _table(("", "accuracy on validation"), rows) if rows else []


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    escaped = (" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows)
    return [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {row} |" for row in escaped)]
