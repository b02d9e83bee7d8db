import numpy as np
import pytest

import textdl
from textdl.pipeline import StageFailedError

PIPELINE = """
[reviews]
dataset = "{folder}/data"

[bpe]
inputs = {{ documents = "reviews" }}
vocab_size = 290

[tokens]
inputs = {{ documents = "reviews", tokenizer = "bpe" }}
{more}
"""


SKIPGRAM = """
[skipgram]
inputs = {{ corpus = "tokens" }}
epochs = 1
dim = 16
workers = 1
"""


def reviews(tmp_path):
    (tmp_path / "data").mkdir()
    rows = "".join(f"a good film number {i}\t1\na bad one\t0\n" for i in range(50))
    (tmp_path / "data/train.tsv").write_text("text\tlabel\n" + rows)
    return tmp_path / "job.toml"


def test_pieces_become_a_corpus(tmp_path):
    job = reviews(tmp_path)
    job.write_text(PIPELINE.format(folder=tmp_path, more=""))
    run = textdl.run(job, home=tmp_path / "home", runs=tmp_path / "runs")
    assert run.tokens.tokenizer == run.bpe
    assert len(run.tokens.vocab) == 290
    job.write_text(PIPELINE.format(folder=tmp_path, more="lower = false"))
    with pytest.raises(StageFailedError, match="lower and punctuation"):
        textdl.run(job, home=tmp_path / "home", runs=tmp_path / "runs")


def test_vectors_of_pieces_make_vectors_of_any_string(tmp_path):
    job = reviews(tmp_path)
    job.write_text(PIPELINE.format(folder=tmp_path, more=SKIPGRAM.format()))
    run = textdl.run(job, home=tmp_path / "home", runs=tmp_path / "runs")
    vectors = run.skipgram
    assert vectors.composition.tokenizer == run.bpe
    assert set(vectors.words) == set(run.bpe.pieces)
    assert len(vectors) == len(run.bpe.pieces)
    assert np.isfinite(vectors["anystring"]).all()
    textdl.save_vectors(vectors, tmp_path / "saved")
    loaded = textdl.load_vectors(tmp_path / "saved")
    np.testing.assert_array_equal(loaded["anystring"], vectors["anystring"])


def test_vectors_of_another_tokenizer_are_refused(tmp_path):
    job = reviews(tmp_path)
    job.write_text(PIPELINE.format(folder=tmp_path, more=SKIPGRAM.format()))
    run = textdl.run(job, home=tmp_path / "home", runs=tmp_path / "runs")
    documents = run.reviews
    run.skipgram.composition.tokenizer = textdl.train_bpe(documents, vocab_size=285)
    textdl.save_vectors(run.skipgram, tmp_path / "saved")
    with pytest.raises(textdl.InputError, match="don't belong together"):
        textdl.load_vectors(tmp_path / "saved")
