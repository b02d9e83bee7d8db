"""Tokenizers that are chosen by name."""

import pytest

import textdl
from textdl.pipeline import StageFailedError
from textdl.text import encoding
from textdl.text.documents import DocumentsWriter
from textdl.text.tokenizers import UNTRAINED, WordTokenizer, tokenizer_from_settings

PIPELINE = """
[reviews]
dataset = "{folder}/data"

[tokens]
inputs = {{ documents = "reviews" }}
min_count = 1
{more}

[skipgram]
inputs = {{ corpus = "tokens" }}
epochs = 1
dim = 16
workers = 1
"""
BPE = """
[tokens]
inputs = { documents = "reviews", tokenizer = "bpe" }
kind = "characters"

[bpe]
inputs = { documents = "reviews" }
vocab_size = 290

[reviews]
"""
TEXTS = ["这部电影不错", "很 OK！", "太差了", "差"] * 15
LABELS = ["good", "good", "bad", "bad"] * 15


@pytest.fixture
def run(tmp_path):
    (tmp_path / "data").mkdir()
    rows = "".join(f"{text}\t{label}\n" for text, label in zip(TEXTS, LABELS, strict=True))
    (tmp_path / "data/train.tsv").write_text("text\tlabel\n" + rows, "utf-8")
    job = tmp_path / "job.toml"

    def run(pipeline):
        job.write_text(pipeline)
        return textdl.run(job, home=tmp_path / "home", runs=tmp_path / "runs")

    return run


@pytest.mark.parametrize("kind", UNTRAINED)
def test_a_stage_saves_its_tokenizer(run, tmp_path, kind):
    if kind == "jieba":
        pytest.importorskip("jieba")
    pipeline = PIPELINE.format(folder=tmp_path, more=f'kind = "{kind}"\nlower = false')
    result = run(pipeline)
    tokenizer = UNTRAINED[kind](lower=False)
    assert result.tokens.tokenizer == tokenizer
    words = {word for text in TEXTS for word in tokenizer(text)}
    assert words <= set(result.tokens.vocab.words)
    assert tokenizer_from_settings(result.skipgram.info["tokenizer"]) == tokenizer
    assert ("影" in words, "电影" in words) == (kind == "characters", kind == "jieba")


def test_words_are_the_default(run, tmp_path):
    assert run(PIPELINE.format(folder=tmp_path, more="")).tokens.tokenizer == WordTokenizer()


def test_bpe_takes_no_kind(run, tmp_path):
    with pytest.raises(StageFailedError, match="kind, lower and punctuation"):
        run(f'{BPE}dataset = "{tmp_path}/data"')


@pytest.mark.parametrize("name", UNTRAINED)
def test_the_corpus_is_the_same_with_any_workers(tmp_path, monkeypatch, name):
    if name == "jieba":
        pytest.importorskip("jieba")
    with DocumentsWriter(tmp_path / "documents") as writer:
        for i in range(30):
            writer.add(f"这部电影不错，我看了{i}次。")
        writer.add("这部 电影 不错 cafe\u0301 caf OK " * 60)
        documents = writer.close([], {})
    corpora = []
    for size, workers in ((encoding.CHUNK_BYTES, 1), (500, 1), (500, 2)):
        monkeypatch.setattr(encoding, "CHUNK_BYTES", size)
        folder = tmp_path / f"{size} {workers}"
        tokenizer = UNTRAINED[name]()
        textdl.build_corpus(documents, folder, tokenizer=tokenizer, min_count=1, workers=workers)
        corpora.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert corpora[0] == corpora[1] == corpora[2]


@pytest.mark.parametrize("name", UNTRAINED)
def test_a_classifier_keeps_its_tokenizer(tmp_path, name):
    if name == "jieba":
        pytest.importorskip("jieba")
    classifier = textdl.SentimentClassifier("nbsvm", tokenizer=name).fit(TEXTS, LABELS)
    assert classifier.model_.tokenizer == UNTRAINED[name]()
    assert classifier.score(TEXTS, LABELS) == 1
    classifier.model_.save(tmp_path)
    assert textdl.load_model(tmp_path).predict(TEXTS) == LABELS
