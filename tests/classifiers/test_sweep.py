from copy import copy
from dataclasses import replace

import numpy as np
import pytest
from classifiers.test_multi_label import NAMES, SETTINGS, several
from classifiers.toy_corpora import make_corpus, make_vectors, review_corpus

from textdl.classifiers import (
    Ensemble,
    evaluate,
    fit_bag_of_words,
    fit_nbsvm,
    load_model,
    train_bag_of_vectors,
    train_textcnn,
    vote,
)
from textdl.classifiers.scores import mean_and_std
from textdl.classifiers.sweep import Sweep, sweep, with_seeds
from textdl.errors import InputError
from textdl.text.tokenizers import WordTokenizer
from textdl.text.vocab import Vocab

TEXTS = ["w1 w2 good w3", "bad", "", "unheard of\n"]
SMALL = {"dim": 4, "buckets": 50, "epochs": 2}
TEXTCNN = {
    "widths": (2, 3),
    "maps": 3,
    "epochs": 2,
    "batch_size": 32,
    "device": "cpu",
    "checkpoint_steps": 1,
}


class Killed(BaseException):
    pass


class Notes:
    """Keeps notes and shares, and kills after so many updates."""

    def __init__(self, left=0):
        self.notes, self.shares, self.left = [], [], left

    def update(self, done, total, unit, **facts):
        self.shares.append(done / total)
        self.left -= 1
        if not self.left:
            raise Killed

    def note(self, text):
        self.notes.append(text)


@pytest.fixture(scope="module")
def corpus():
    return review_corpus()


@pytest.fixture(scope="module")
def swept(corpus):
    return sweep(train_bag_of_vectors, corpus, seeds=3, lr=0.05, **SMALL)


def weights(model):
    return {name: value.numpy().tobytes() for name, value in model.network.state_dict().items()}


def files(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_one_seed_is_the_training_itself(corpus):
    model = sweep(train_bag_of_vectors, corpus, seeds=1, **SMALL)
    alone = train_bag_of_vectors(corpus, **SMALL)
    assert not isinstance(model, Sweep)
    assert weights(model) == weights(alone)
    assert model.info == alone.info


def test_members_differ_by_their_seeds_and_the_best_predicts(corpus, swept):
    assert list(swept.models) == ["seed 1", "seed 2", "seed 3"]
    assert [its.info["settings"]["seed"] for its in swept.models.values()] == [1, 2, 3]
    assert len({tuple(weights(its).values()) for its in swept.models.values()}) == 3
    best = swept.models[swept.best]
    assert max(its.history[its.history.best].rank for its in swept.models.values()) == (
        best.history[best.history.best].rank
    )
    assert np.array_equal(swept.predict_proba(TEXTS), best.predict_proba(TEXTS))
    assert swept.history is best.history
    assert swept.best in repr(swept)


def test_info_has_every_validation_accuracy_and_their_spread(swept):
    found = swept.info["validation_accuracy"]
    its = [m.history[m.history.best].validation_accuracy for m in swept.models.values()]
    assert [found[name] for name in swept.models] == its
    assert found["mean"] == pytest.approx(np.mean(its))
    assert found["std"] == pytest.approx(np.std(its, ddof=1))
    assert swept.info["settings"]["seeds"] == 3
    assert swept.info["settings"]["seed"] == 1
    assert swept.info["best"] == swept.best
    assert mean_and_std([0.5]) == (0.5, 0.0)


def test_the_first_member_is_what_its_seed_gives_alone(corpus, swept):
    alone = train_bag_of_vectors(corpus, lr=0.05, **SMALL)
    assert weights(swept.models["seed 1"]) == weights(alone)
    assert swept.models["seed 1"].history == alone.history


def test_all_hold_out_what_the_first_seed_draws_and_can_vote(corpus, swept):
    models = {"swept": swept, "nbsvm": fit_nbsvm(corpus, validation=0.1)}
    assert vote(corpus, models).weights.sum() == pytest.approx(1)
    second = {"second": swept.models["seed 2"], "nbsvm": models["nbsvm"]}
    assert vote(corpus, second).weights.sum() == pytest.approx(1)
    with pytest.raises(InputError, match="second was trained with seed 1 instead of seed 2"):
        vote(corpus, second, seed=2)


def test_a_split_for_validation_is_used(corpus):
    def lines(split):
        for row in corpus.splits[split]:
            words = [corpus.vocab.words[i] for i in corpus.document(row)]
            yield " ".join(words), int(corpus.labels[row])

    train, test = (list(lines(split)) for split in ("train", "test"))
    other = make_corpus(["neg", "pos"], train=train, validation=test)
    swept = sweep(train_bag_of_vectors, other, seeds=2, **SMALL)
    assert swept.info["examples"] == {"training": len(train), "validation": len(test)}
    with pytest.raises(InputError, match="give it another name"):
        sweep(train_bag_of_vectors, other, seeds=2, split="validation", **SMALL)


def test_saves_its_members(tmp_path, swept):
    swept.save(tmp_path / "sweep")
    assert {path.name for path in (tmp_path / "sweep").iterdir()} == {
        "README.md", "model.json", "member-0", "member-1", "member-2",
    }  # fmt: skip
    loaded = load_model(tmp_path / "sweep")
    assert isinstance(loaded, Sweep)
    assert loaded.info == swept.info
    assert loaded.best == swept.best
    assert list(loaded.models) == list(swept.models)
    assert np.array_equal(loaded.predict_proba(TEXTS), swept.predict_proba(TEXTS))
    with pytest.raises(InputError, match=r"not a complete ensemble \(it is a sweep"):
        Ensemble.load(tmp_path / "sweep")
    with pytest.raises(InputError, match="not a complete sweep"):
        Sweep.load(tmp_path)


@pytest.mark.parametrize("updates", [2, 9, 17])
def test_a_killed_sweep_goes_on_with_the_member_it_was_at(corpus, updates, tmp_path):
    vectors = make_vectors(corpus)
    sweep(train_textcnn, corpus, vectors, seeds=3, **TEXTCNN).save(tmp_path / "whole")
    folder = tmp_path / "checkpoints"
    with pytest.raises(Killed):
        sweep(
            train_textcnn, corpus, vectors, seeds=3, checkpoints=folder,
            progress=Notes(left=updates), **TEXTCNN,
        )  # fmt: skip
    notes = Notes()
    sweep(
        train_textcnn, corpus, vectors, seeds=3, checkpoints=folder, progress=notes, **TEXTCNN
    ).save(tmp_path / "resumed")
    assert files(tmp_path / "resumed") == files(tmp_path / "whole")
    done = len([note for note in notes.notes if note.endswith("was trained before")])
    assert done == (updates - 1) // 12
    assert any("resuming from the checkpoint" in note for note in notes.notes) == (updates % 12 > 1)
    assert notes.shares == sorted(notes.shares)
    assert notes.shares[-1] == 1


def test_finished_members_are_those_of_the_same_settings_and_data(corpus, tmp_path):
    def again(seeds=2, data=corpus, **settings):
        notes = Notes()
        sweep(
            train_bag_of_vectors, data, seeds=seeds, checkpoints=tmp_path, progress=notes,
            **{**SMALL, **settings},
        )  # fmt: skip
        return sum("was trained before" in note for note in notes.notes)

    assert again() == 0
    assert again() == 2
    assert again(seeds=3) == 2
    assert again(lr=0.1) == 0
    assert again(data=review_corpus(201)) == 0
    for path in tmp_path.glob("seed-2/finished-*/model.safetensors"):
        path.write_bytes(path.read_bytes()[:100])
    assert again() == 1
    assert again() == 2


def as_it_is(corpus, vectors=None, init_from=None, *, split="train", validation=0.1, seed=1, **_):
    """A trainer without settings of its own, quick to call."""
    return train_bag_of_vectors(corpus, split=split, validation=validation, seed=seed, **SMALL)


def test_finished_members_are_those_of_the_same_inputs(corpus, tmp_path):
    split = len(corpus.splits["train"])
    halves = {"train": range(split // 2), "validation": range(split // 2, split)}
    source = train_textcnn(corpus, make_vectors(corpus), **{**TEXTCNN, "epochs": 1})
    other = train_textcnn(corpus, make_vectors(corpus), **{**TEXTCNN, "epochs": 1})
    other.label_names = ["pos", "neg"]
    less = other.vocab.words.take(np.arange(len(other.vocab) - 1))
    shorter = copy(source)
    shorter.vocab = Vocab(less, other.vocab.counts[:-1])
    vectors = make_vectors(corpus)
    inputs = [
        (corpus,),
        (replace(corpus, label_names=["bad", "good"]),),
        (replace(corpus, splits=halves),),
        (replace(corpus, tokenizer=WordTokenizer(lower=False)),),
        (replace(corpus, info={"splits": ["train"]}),),
        (corpus, vectors),
        (corpus, vectors.normalized()),
        (corpus, None, source),
        (corpus, None, other),
        (corpus, None, shorter),
    ]
    for given in inputs:
        for found in (0, 2):
            notes = Notes()
            swept = sweep(as_it_is, *given, seeds=2, checkpoints=tmp_path, progress=notes)
            assert sum("was trained before" in note for note in notes.notes) == found
            assert swept.label_names == given[0].label_names
    ensemble = Ensemble({"one": source})
    with pytest.raises(InputError, match="init_from: an ensemble has no weights"):
        sweep(train_textcnn, corpus, None, ensemble, seeds=2, checkpoints=tmp_path, **TEXTCNN)


def test_an_evaluation_has_the_scores_of_every_member(corpus, swept):
    notes = Notes()
    evaluation = with_seeds(evaluate(corpus, swept), corpus, swept, progress=notes)
    for name, model in swept.models.items():
        scores = evaluate(corpus, model).model
        assert evaluation.seeds[name] == {
            "accuracy": scores.accuracy, "macro_f1": scores.macro_f1,
        }  # fmt: skip
    assert evaluation.model.accuracy == evaluation.seeds[swept.best]["accuracy"]
    assert "over 3 seeds" in notes.notes[0]
    single = swept.models["seed 2"]
    assert with_seeds(evaluate(corpus, single), corpus, single).seeds is None


@pytest.mark.parametrize(("name", "value"), [("seeds", 0), ("seeds", 1.5), ("vectors", "a path")])
def test_an_argument_of_another_kind(corpus, tmp_path, name, value):
    given = {"seeds": 2, "checkpoints": tmp_path, **TEXTCNN, name: value}
    with pytest.raises(InputError, match=f"^sweep: {name}: .*, not {value!r}"):
        sweep(train_textcnn, corpus, **given)


def test_what_can_not_be_swept_over(corpus):
    notes = Notes()
    with pytest.raises(InputError, match="fit_bag_of_words has no setting 'seed'"):
        sweep(fit_bag_of_words, corpus, seeds=2)
    with pytest.raises(InputError, match="has no validation score that a sweep could choose by"):
        sweep(fit_nbsvm, corpus, seeds=2, validation=0.1, progress=notes)
    assert not any(note.startswith("seed 2") for note in notes.notes)
    with pytest.raises(InputError, match="seed: input should be greater than or equal to 0"):
        sweep(train_bag_of_vectors, corpus, seeds=2, seed=-1)


def test_documents_may_have_several_labels():
    texts, rows = several(120, 1)
    corpus = make_corpus(NAMES, train=[(text, 0) for text in texts])
    corpus = replace(corpus, labels=rows)
    swept = sweep(train_textcnn, corpus, seeds=2, maps=2, **{**SETTINGS, "epochs": 1})
    assert swept.several
    alone = train_textcnn(corpus, maps=2, **{**SETTINGS, "epochs": 1})
    assert weights(swept.models["seed 1"]) == weights(alone)
