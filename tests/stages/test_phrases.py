import textdl

PIPELINE = """
[reviews]
dataset = "{folder}/data"

[tokens]
inputs = {{ documents = "reviews" }}

[phrases]
inputs = {{ corpus = "tokens" }}
threshold = 0.1

[skipgram]
inputs = {{ corpus = "phrases" }}
epochs = 1
dim = 16
workers = 1
"""


def test_phrases_get_vectors(tmp_path):
    (tmp_path / "data").mkdir()
    rows = "".join(f"new york {w}\t1\nbad {w} york\t0\n" for w in "abcdefgh" for _ in range(10))
    (tmp_path / "data/train.tsv").write_text("text\tlabel\n" + rows)
    job = tmp_path / "job.toml"
    job.write_text(PIPELINE.format(folder=tmp_path))
    run = textdl.run(job, home=tmp_path / "home", runs=tmp_path / "runs")
    assert "new_york" in run.phrases.vocab
    assert run.skipgram["new_york"].shape == (16,)
    assert run.phrases.tokenizer("new york") == ["new_york"]
