"""The classifiers: how often they are right, and how fast they are beside plain networks.

    python tests/benchmarks/classifiers.py --data FOLDER --work FOLDER --results FILE.json
        [--only imdb,mr,chinese,speed] [--rows TextCNN,…]

FOLDER has imdb/ (Parquet), mr/ (rt-polarity.neg, .pos), waimai_10k/, online_shopping_10_cats/ (TSV
with the columns text and label) and wiki/ (plain text on one line, .xz). What a row is trained with
stands in :data:`SETTINGS`. Everything is chosen on validation documents; a test document is only
ever predicted. Figures are the mean and the standard deviation over seeds.

imdb: trained on nine tenths of the training reviews, validated on the rest, cut by seed; vectors
are skip-gram on the training and unlabelled reviews. ``train s`` is the call of the trainer, from a
corpus of token ids and vectors to a model. A self-trained row also learns from the unlabelled
reviews, as the teacher, a vote, has labelled them. The weights of the ensemble are found on other
films: reviews that are drawn at random share theirs with those that are trained on, which flatters
n-grams. So the same models are trained once more, on all but the last tenth of each label, and
weighed on that. ``documents/s`` is ``predict_proba`` of all test reviews, raw strings in.
Published: NB-SVM by Wang & Manning (2012), fastText's bigrams, the networks of Dive into Deep
Learning, Keras' Transformer.

mr: cross-validation over ten folds, by seed, of as many sentences of each label; a tenth of each
training part is for validation; vectors are skip-gram on IMDB, its test excepted, and Wikipedia.
The vocabulary has the words of all sentences, so that those of a test fold find their vectors.

chinese: 80 % training, 10 % validation, 10 % test, cut by seed, and into words (jieba) or
characters; vectors are skip-gram on the training documents of both data sets, and as in mr the
vocabulary has the words of all documents. The baseline is a linear SVM over TF-IDF of character
n-grams, whose C and longest n-gram are chosen on validation. A fine-tuned row begins with the
weights of the other data set's. The ensembles are of words and characters; all members count the
same.

speed: plain_networks.py has the other side. Both train for an epoch on the same reviews, which are
token ids in memory by then, and take turns. Counted is all that follows the first step: batching,
padding, forward, backward, optimizer, and for textdl also its checks, keeping the best weights, and
validation on 64 reviews. The first step, in which memory and threads are got, counts for neither,
nor does making the network. textdl trains with the settings of imdb, so on ``max_length`` words of
a review where the plain networks see 500. Inference is from raw strings to probabilities:
tokenizing, looking up, batching, forward. A figure is the median of ``--repeats``.

Every measurement is written to ``--results`` at once, under a name with a digest of its settings,
and is not made again if it is there.
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import os
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import cases
import numpy as np
import torch
from cases import Case
from embeddings import Results, machine, timed
from race import Race

import textdl
from textdl import Corpus, SentimentModel, read_documents
from textdl.classifiers import Ensemble, pseudo_label
from textdl.text import CharacterTokenizer, JiebaTokenizer, Tokenizer

INPUTS = ("corpus", "vectors")
APART = "imdb, films apart"
CHINESE = ("waimai_10k", "online_shopping_10_cats")
TOKENS: dict[str, Tokenizer] = {"words": JiebaTokenizer(), "characters": CharacterTokenizer()}

AVERAGED = {"averaging": "ema", "ema_decay": 0.998}
AVERAGED_FAST = {"averaging": "ema", "ema_decay": 0.99}
SHORT_TEXTCNN = {
    "embedding": "two-channel", "widths": [1, 2, 3], "maps": 200, "word_dropout": 0.1, "lr": 5e-4,
}  # fmt: skip
CHARACTER_TEXTCNN = {**SHORT_TEXTCNN, "widths": [1, 2, 3, 4]}
ATTENTIVE = {
    "pooling": "attention", "schedule": "cosine",
    "input_dropout": 0.3, "locked": True, "word_dropout": 0.1,
}  # fmt: skip

SVM = {"longest": [3, 4], "c": [0.1, 0.3, 1, 3, 10]}
GRU_SHORT = {**ATTENTIVE, **AVERAGED_FAST, "cell": "gru", "epochs": 6}
NBSVM_SHORT = {"pretrained": False, "c": 10, "min_count": 2}
EVERY_WORD = {"min_count": 1, "vocab_splits": ["train", "validation", "test"]}
WAIMAI, SHOPPING = CHINESE
CHINESE_INPUTS = {"corpus": EVERY_WORD, "vectors": {"dim": 100, "epochs": 10}}

SETTINGS: dict[str, dict[str, dict[str, Any]]] = {
    "imdb": {
        "corpus": {"min_count": 5},
        "vectors": {"dim": 100, "epochs": 5},
        "NB-SVM": {"pretrained": False, "validation": 0.1},
        "bag of vectors": {"dropout": 0.5, "epochs": 10},
        "TextCNN": {**AVERAGED, "embedding": "two-channel", "lr": 5e-4},
        "TextCNN (R-Drop)": {
            **AVERAGED,
            "embedding": "two-channel",
            "lr": 5e-4,
            "epochs": 8,
            "consistency": 0.5,
        },
        "biRNN": {**AVERAGED, **ATTENTIVE, "lr": 2e-3, "epochs": 4},
        "biRNN (GRU)": {**AVERAGED, **ATTENTIVE, "lr": 2e-3, "epochs": 3, "cell": "gru"},
        "Transformer": {**AVERAGED},
        "teacher": {"models": ["NB-SVM", "TextCNN", "biRNN"]},
        "NB-SVM (self-trained)": {"pretrained": False, "validation": 0.1, "teacher": "teacher"},
        "TextCNN (self-trained)": {
            **AVERAGED,
            "embedding": "two-channel",
            "lr": 5e-4,
            "epochs": 5,
            "teacher": "teacher",
        },
        "ensemble": {
            "models": [
                "NB-SVM",
                "bag of vectors",
                "TextCNN",
                "biRNN",
                "Transformer",
                "NB-SVM (self-trained)",
                "TextCNN (self-trained)",
            ],
        },
    },
    "mr": {
        "corpus": {"min_count": 1, "vocab_splits": ["train", "test"]},
        "vectors": {"dim": 300, "epochs": 5},
        "NB-SVM": {"pretrained": False, "validation": 0.1},
        "TextCNN": {
            **AVERAGED_FAST,
            "embedding": "two-channel",
            "lr": 5e-4,
            "epochs": 15,
            "patience": 3,
        },
        "biRNN": {**AVERAGED_FAST, **ATTENTIVE, "cell": "gru", "epochs": 8},
    },
    "waimai_10k words": {
        **CHINESE_INPUTS,
        "NB-SVM": NBSVM_SHORT,
        "TextCNN": {**SHORT_TEXTCNN, **AVERAGED_FAST, "epochs": 8},
        "biRNN": GRU_SHORT,
        "biRNN (fine-tuned)": {
            **GRU_SHORT,
            "consistency": 1.0,
            "source": [f"{SHOPPING} words", "biRNN"],
        },
    },
    "waimai_10k characters": {
        **CHINESE_INPUTS,
        "NB-SVM": {**NBSVM_SHORT, "longest": 4},
        "TextCNN": {**CHARACTER_TEXTCNN, **AVERAGED_FAST, "epochs": 8},
        "TextCNN (fine-tuned)": {
            **CHARACTER_TEXTCNN,
            **AVERAGED_FAST,
            "epochs": 8,
            "source": [f"{SHOPPING} characters", "TextCNN"],
        },
    },
    "online_shopping_10_cats words": {
        **CHINESE_INPUTS,
        "NB-SVM": NBSVM_SHORT,
        "TextCNN": {**SHORT_TEXTCNN, **AVERAGED, "epochs": 4},
        "biRNN": {
            **ATTENTIVE,
            **AVERAGED,
            "lr": 2e-3,
            "cell": "gru",
            "epochs": 4,
            "consistency": 0.5,
        },
    },
    "online_shopping_10_cats characters": {
        **CHINESE_INPUTS,
        "NB-SVM": {**NBSVM_SHORT, "longest": 4},
        "TextCNN": {**CHARACTER_TEXTCNN, **AVERAGED, "epochs": 4},
    },
    WAIMAI: {
        "SVM": SVM,
        "ensemble": {
            "models": [
                [f"{WAIMAI} words", "biRNN (fine-tuned)"],
                [f"{WAIMAI} characters", "TextCNN (fine-tuned)"],
            ],
        },
    },
    SHOPPING: {
        "SVM": SVM,
        "ensemble": {
            "models": [
                [f"{SHOPPING} {kind}", row]
                for kind, row in (
                    ("words", "biRNN"),
                    ("words", "NB-SVM"),
                    ("characters", "TextCNN"),
                    ("characters", "NB-SVM"),
                )
            ],
        },
    },
}
"""For each case those of its corpus, of its vectors and of its rows; what stands in parentheses
tells rows of one trainer apart. A row that is not ``pretrained`` begins without the vectors; one
with a ``teacher`` also learns from documents that this row has labelled, and one with a ``source``
begins with the weights of that row of another case. Votes name their members, by case if they are
of others."""
SETTINGS["speed"] = {row: SETTINGS["imdb"][row] for row in ("TextCNN", "biRNN")}
SETTINGS[APART] = SETTINGS["imdb"]

TRAINERS: dict[str, Callable[..., SentimentModel]] = {
    "NB-SVM": textdl.fit_nbsvm,
    "bag of vectors": textdl.train_bag_of_vectors,
    "TextCNN": textdl.train_textcnn,
    "biRNN": textdl.train_birnn,
    "Transformer": textdl.train_transformer,
}
VOTES = ("teacher", "ensemble")
AT_LEAST = {
    "NB-SVM": 91.5, "bag of vectors": 90.5, "TextCNN": 91.2, "biRNN": 91.0, "Transformer": 89.0,
    "ensemble": 93.0,
}  # fmt: skip
PUBLISHED = {
    "NB-SVM": 91.8, "bag of vectors": 90.6, "TextCNN": 86.8, "biRNN": 85.8, "Transformer": 87.5,
}  # fmt: skip
FOLDS = 10


def trainer(row: str) -> Callable[..., SentimentModel] | None:
    """The trainer of a row, if it has one."""
    return TRAINERS.get(row.partition(" (")[0])


def name_of(case: str, row: str) -> str:
    """What the measurements of a row are called, before seed and fold."""
    used: dict[str, dict[str, Any]] = {}
    for its, name in {(case, row), *rows_behind(case, row)}:
        rows = SETTINGS[its]
        used.setdefault(its, {}).update({key: rows[key] for key in (*INPUTS, name) if key in rows})
    return f"{case} {row} {cases.digest(used)}"


def rows_behind(case: str, row: str) -> Iterator[tuple[str, str]]:
    """The rows whose models a row needs, each after the name of its case."""
    for needed in needs(case, row):
        yield needed
        yield from rows_behind(*needed)


def needs(case: str, row: str) -> list[tuple[str, str]]:
    settings = SETTINGS[case][row]
    named = [*settings.get("models", [])]
    named += [settings[key] for key in ("teacher", "source") if key in settings]
    return [(case, name) if isinstance(name, str) else (name[0], name[1]) for name in named]


def model_of(case: Case, row: str) -> SentimentModel:
    """The trained model, kept in the case's folder."""
    path = case.folder / "models" / f"{name_of(case.name, row)} {case.turn}"
    load = Ensemble.load if row in VOTES else textdl.load_model
    return load(cases.kept(path, partial(train, case, row)))


def train(case: Case, row: str, folder: Path) -> None:
    settings = {**case.settings[row], "seed": seed_of(case)}
    if row in VOTES:
        models = {
            name if its == case.name else f"{its} {name}": model_of(of_name(case, its), name)
            for its, name in needs(case.name, row)
        }
        if case.others:
            Ensemble(models).save(folder)
            return
        if (case.name, row) == ("imdb", "ensemble"):
            weighed = model_of(films_apart(case), row)
            Ensemble(models, weighed.weights, info=weighed.info).save(folder)
            return
        settings["models"] = models
    elif settings.pop("pretrained", True):
        settings["vectors"] = case.vectors
    teacher = settings.pop("teacher", None)
    corpus = labelled_by(case, teacher) if teacher else case.corpus
    if source := settings.pop("source", None):
        settings["init_from"] = model_of(of_name(case, source[0]), source[1])
    run = partial(trainer(row) or textdl.vote, corpus, **settings)
    seconds, model = timed(run)
    model.info["seconds"] = seconds
    model.save(folder)


def of_name(case: Case, name: str) -> Case:
    """The case of a name that is of the same turn."""
    return case if name == case.name else case.others[name]


def films_apart(case: Case) -> Case:
    """The same training reviews, of which the last tenth of each label is for validation.

    Reviews of one film stand near each other, so these are of other films than the rest.
    """

    def write(folder: Path) -> None:
        rows, labels = case.documents.splits["train"], case.part("train")[1]
        last = [np.flatnonzero(labels == label)[-len(rows) // 20 :] for label in (0, 1)]
        held_out = rows.start + np.concatenate(last)
        parts = {
            "train": np.setdiff1d(rows, held_out),
            "validation": held_out,
            "unsupervised": case.documents.splits["unsupervised"],
        }
        cases.write_parts(case.documents, parts, folder)

    return Case(
        APART, SETTINGS[APART], "1", write, case.folder / "films apart", lambda: case.corpus
    )


def seed_of(case: Case) -> int:
    return int(case.turn.split()[0])


def labelled_by(case: Case, teacher: str) -> Corpus:
    """The corpus with labels of a row's model, kept in the case's folder."""
    path = case.folder / "labelled" / f"{name_of(case.name, teacher)} {case.turn}"

    def label(folder: Path) -> None:
        pseudo_label(case.corpus, model_of(case, teacher), seed=seed_of(case)).save(folder)

    return Corpus.load(cases.kept(path, label))


def measure(case: Case, row: str) -> dict[str, float]:
    if row == "SVM":
        return measure_svm(case, **case.settings[row])
    model = model_of(case, row)
    texts, labels = case.part("test")
    model.predict_proba(texts[:64])
    seconds, probabilities = timed(lambda: model.predict_proba(texts))
    found = {
        "accuracy": 100 * float((probabilities.argmax(1) == labels).mean()),
        "parameters": parameters(model),
        "per second": len(texts) / seconds,
    }
    if "seconds" in model.info:
        found["seconds"] = model.info["seconds"]
    if history := model.history:
        found["validation"] = 100 * history[history.best].validation_accuracy
    return found


def measure_svm(case: Case, longest: list[int], c: list[float]) -> dict[str, float]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    (texts, labels), *others = map(case.part, ("train", "validation", "test"))
    found = []
    for n in longest:
        counter = TfidfVectorizer(analyzer="char", ngram_range=(1, n), sublinear_tf=True)
        features = counter.fit_transform(texts)
        held_out = [(counter.transform(texts), labels) for texts, labels in others]
        for strength in c:
            svm = LinearSVC(C=strength, random_state=1).fit(features, labels)
            validation, test = (100 * svm.score(*part) for part in held_out)
            found.append({"accuracy": test, "validation": validation, "longest": n, "c": strength})
    return max(found, key=lambda figures: figures["validation"])


def parameters(model: SentimentModel) -> int:
    if isinstance(model, Ensemble):
        return sum(map(parameters, model.models.values()))
    return sum(p.numel() for p in model.network.parameters())


def imdb_case(data: Path, work: Path, seed: int) -> Case:
    read = partial(read_documents, data / "imdb")
    return Case("imdb", SETTINGS["imdb"], str(seed), read, work / "imdb")


def imdb_cases(data: Path, work: Path, seeds: Sequence[int]) -> Iterator[Case]:
    for seed in seeds:
        yield imdb_case(data, work, seed)


def mr_cases(data: Path, work: Path, seeds: Sequence[int]) -> Iterator[Case]:
    from sklearn.model_selection import StratifiedKFold

    def text() -> Corpus:
        reviews = imdb_case(data, work, 1).documents
        (file,) = (data / "wiki").glob("*.xz")
        write = partial(cases.write_text, reviews=reviews, file=file)
        folder = work / "imdb and wiki"
        return cases.corpus_in(folder, cases.documents_in(folder / "documents", write), {})

    documents = cases.documents_in(work / "mr", partial(cases.write_mr, data=data / "mr"))
    for seed in seeds:
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
        for fold, rows in enumerate(folds.split(documents.labels, documents.labels), 1):
            parts = dict(zip(("train", "test"), rows, strict=True))
            write = partial(cases.write_parts, documents, parts)
            with tempfile.TemporaryDirectory(dir=work) as folder:
                yield Case("mr", SETTINGS["mr"], f"{seed} {fold}", write, Path(folder), text)


def chinese_cases(data: Path, work: Path, seeds: Sequence[int]) -> Iterator[Case]:
    tokens: dict[str, Tokenizer | None] = {"": None, **TOKENS}
    if importlib.util.find_spec("jieba") is None:
        print("  jieba is not installed, so Chinese words are left out")
        del tokens["words"]
    every = {
        dataset: cases.documents_in(
            work / dataset / "raw",
            partial(read_documents, data / dataset, text_column="text", label_column="label"),
        )
        for dataset in CHINESE
    }
    for seed in seeds:
        parts = {
            dataset: cases.cut_by_seed(documents, seed) for dataset, documents in every.items()
        }
        training = [(every[dataset], parts[dataset]["train"]) for dataset in CHINESE]
        folder = work / "chinese" / str(seed)
        text = cases.documents_in(folder / "documents", partial(cases.write_texts, training))
        made: dict[str, Case] = {}
        for dataset in CHINESE:
            write = partial(cases.write_parts, every[dataset], parts[dataset])
            for kind, tokenizer in tokens.items():
                name = f"{dataset} {kind}".strip()
                corpus = partial(cases.corpus_in, folder, text, {"min_count": 2}, tokenizer)
                made[name] = Case(
                    name,
                    SETTINGS[name],
                    str(seed),
                    write,
                    folder / dataset,
                    corpus,
                    tokenizer,
                    made,
                )
        yield from made.values()


CASES = {"imdb": imdb_cases, "mr": mr_cases, "chinese": chinese_cases}


def by_seed(results: Results, name: str, key: str) -> list[float]:
    """A figure of each seed, the mean over its folds."""
    found: dict[str, list[float]] = {}
    for full, figures in results.measured.items():
        if full.startswith(f"{name} ") and key in figures:
            found.setdefault(full[len(name) :].split()[0], []).append(figures[key])
    return [statistics.fmean(folds) for folds in found.values()]


def spread(values: list[float]) -> str:
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.fmean(values):.2f} ± {deviation:.2f}" if values else ""


def line_of(results: Results, name: str) -> str:
    """The figures of a row."""
    accuracy, validation, size, seconds, speed = (
        by_seed(results, name, key)
        for key in ("accuracy", "validation", "parameters", "seconds", "per second")
    )
    line = f"{spread(accuracy):>14}{spread(validation):>14}"
    for values, digits in ((size, 0), (seconds, 1), (speed, 0)):
        line += f"{statistics.median(values):13,.{digits}f}" if values else f"{'':13}"
    return f"{line}{len(results.all(name, 'accuracy')):6}"


HEAD = f"{'accuracy, %':>14}{'validation':>14}{'parameters':>13}{'train s':>13}{'documents/s':>13}"


def print_case(
    results: Results, case: str, more: str, compare: Callable[[str, float], str]
) -> None:
    """A table of the rows that were measured; ``compare`` says more about a row's accuracy."""
    lines = [f"\n{case}", f"{'':24}{HEAD}{'runs':>6}{more}"]
    for row in SETTINGS[case]:
        name = name_of(case, row)
        if accuracy := by_seed(results, name, "accuracy"):
            mean = statistics.fmean(accuracy)
            lines.append(f"{row:24}{line_of(results, name)}{compare(row, mean)}")
    if len(lines) > 2:
        print("\n".join(lines))


def print_accuracy(results: Results) -> None:
    print_case(
        results, "imdb", "  at least  published",
        lambda row, _: f"{AT_LEAST.get(row, ''):10}{PUBLISHED.get(row, ''):11}",
    )  # fmt: skip
    print_case(results, "mr", "  at least 80.5", lambda *_: "")
    for dataset in CHINESE:
        svm = by_seed(results, name_of(dataset, "SVM"), "accuracy")
        bar = statistics.fmean(svm) if svm else math.nan
        for name in (dataset, *(f"{dataset} {kind}" for kind in TOKENS)):
            print_case(
                results, name, "    points  at least 0.5",
                lambda _, mean, bar=bar: f"{mean - bar:+10.2f}",
            )  # fmt: skip


def main() -> None:
    rows = [*dict.fromkeys(r for of in SETTINGS.values() for r in of if r not in INPUTS)]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, help="a folder for corpora and vectors, kept")
    parser.add_argument("--results", type=Path)
    parser.add_argument("--only", default=",".join([*CASES, "speed"]))
    parser.add_argument("--rows", default=",".join(rows), help="whose accuracy")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--repeats", type=int, default=3, help="of the speed")
    parser.add_argument("--documents", type=int, default=3200, help="trained on for the speed")
    parser.add_argument("--inference", type=int, default=5000, help="reviews predicted for it")
    parser.add_argument("--print-only", action="store_true")
    options = parser.parse_args()
    only, wanted = options.only.split(","), options.rows.split(",")
    for given, known in ((only, [*CASES, "speed"]), (wanted, rows)):
        if unknown := set(given) - set(known):
            parser.error(f"there is no {unknown.pop()!r}: choose from {', '.join(known)}")
    seeds = [int(seed) for seed in options.seeds.split(",")]
    torch.set_num_threads(options.threads)
    results = Results(options.results)
    with tempfile.TemporaryDirectory() as temporary:
        work = options.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        race = Race(
            imdb_case(options.data, work, 1), TRAINERS, SETTINGS["speed"],
            options.documents, options.inference,
        )  # fmt: skip
        for name, value in {**machine(), "torch": torch.__version__}.items():
            print(f"{name}: {value}")
        if not options.print_only:
            for part in [part for part in CASES if part in only]:
                for case in CASES[part](options.data, work, seeds):
                    for row in [row for row in case.settings if row in wanted]:
                        name = f"{name_of(case.name, row)} {case.turn}"
                        results.once(name, partial(measure, case, row))
            if "speed" in only:
                race.run(results, options.repeats)
        print_accuracy(results)
        race.print(results)


if __name__ == "__main__":
    main()
