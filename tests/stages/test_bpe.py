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


def test_pieces_become_a_corpus(tmp_path):
    (tmp_path / "data").mkdir()
    rows = "".join(f"a good film number {i}\t1\na bad one\t0\n" for i in range(50))
    (tmp_path / "data/train.tsv").write_text("text\tlabel\n" + rows)
    job = tmp_path / "job.toml"
    job.write_text(PIPELINE.format(folder=tmp_path, more=""))
    run = textdl.run(job, home=tmp_path / "home", runs=tmp_path / "runs")
    assert run.tokens.tokenizer == run.bpe
    assert len(run.tokens.vocab) == 290
    job.write_text(PIPELINE.format(folder=tmp_path, more="lower = false"))
    with pytest.raises(StageFailedError, match="lower and punctuation"):
        textdl.run(job, home=tmp_path / "home", runs=tmp_path / "runs")
