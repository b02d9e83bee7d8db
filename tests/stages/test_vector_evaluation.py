import pytest

import textdl
from textdl.pipeline import PipelineError

PIPELINE = """
[reviews]
dataset = "{folder}/text.txt"

[tokens]
inputs = {{ documents = "reviews" }}

[skipgram]
inputs = {{ corpus = "tokens" }}
dim = 4
epochs = 1

[vector_evaluation]
inputs = {{ vectors = ["skipgram"] }}
sets = ["{set}"]
"""


def test_a_file_of_pairs_counts_by_its_content(tmp_path):
    (tmp_path / "text.txt").write_text("a good film\na bad film\n" * 50)
    job, places = tmp_path / "job.toml", {"home": tmp_path / "home", "runs": tmp_path / "runs"}
    states = []
    for place, pairs in (
        ("a", "good\tbad\t1\n"),
        ("b", "good\tbad\t1\n"),
        ("b", "good\tbad\t1\ngood\tfilm\t2\n"),
    ):
        (tmp_path / place).mkdir(exist_ok=True)
        (tmp_path / place / "pairs.tsv").write_text(pairs)
        job.write_text(PIPELINE.format(folder=tmp_path, set=tmp_path / place / "pairs.tsv"))
        states.append(textdl.plan(job, **places)[-1].state)
        run = textdl.run(job, **places)
    assert states == ["depends", "cached", "run"]
    assert run.vector_evaluation.full["skipgram"]["pairs.tsv"].used == 2
    job.write_text(PIPELINE.format(folder=tmp_path, set="absent.tsv"))
    with pytest.raises(PipelineError, match=r"vector_evaluation\.sets: no file absent\.tsv"):
        textdl.run(job, **places)
