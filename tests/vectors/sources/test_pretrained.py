import re
from dataclasses import replace

import pytest
from vectors.sources.file_server import serve

from textdl.errors import InputError
from textdl.vectors.sources.pretrained import pretrained, pretrained_names


@pytest.fixture
def everything():
    return [pretrained(name) for name in pretrained_names()]


def test_names_are_those_of_the_publishers():
    names = set(pretrained_names())
    assert names >= {f"glove.6B.{dim}d" for dim in (50, 100, 200, 300)}
    assert names >= {f"glove.twitter.27B.{dim}d" for dim in (25, 50, 100, 200)}
    assert names >= {
        "glove.42B.300d", "glove.840B.300d", "word2vec.google-news-300",
        "fasttext.wiki-news-300d-1M", "fasttext.wiki-news-300d-1M-subword",
        "fasttext.crawl-300d-2M", "fasttext.crawl-300d-2M-subword",
        "fasttext.cc.de.300", "fasttext.cc.de.300.vec", "bpemb.de.vs10000.d100",
    }  # fmt: skip
    for pattern, count in ((r"fasttext\.cc\.\w+\.300", 158), (r"fasttext\.cc\.\w+\.300\.vec", 158)):
        assert sum(bool(re.fullmatch(pattern, name)) for name in names) == count
    languages = {name.split(".")[1] for name in names if name.startswith("bpemb.")}
    assert {"en", "de", "zh", "ja", "multi"} <= languages
    assert len(languages) > 200


def test_templates_are_filled():
    glove = pretrained("glove.6B.100d")
    assert glove.member == "glove.6B.100d.txt"
    assert (glove.dim, glove.words, glove.lang) == (100, 400_000, "en")
    crawl = pretrained("fasttext.cc.als.300")
    assert crawl.address.endswith("/fasttext/vectors-crawl/cc.als.300.bin.gz")
    assert (crawl.dim, crawl.lang, crawl.tokenizer) == (300, "als", None)
    pieces = pretrained("bpemb.ko.vs25000.d50")
    assert pieces.address.endswith("/bpemb/ko/ko.wiki.bpe.vs25000.d50.w2v.bin.tar.gz")
    assert pieces.tokenizer.endswith("/bpemb/ko/ko.wiki.bpe.vs25000.model")
    assert (pieces.dim, pieces.words) == (50, 25_000)


def test_every_entry_is_well_formed(everything):
    for known in everything:
        assert re.fullmatch(r"https://[\w.-]+/[\w./-]+", known.address), known
        assert known.licence
        assert re.search(r" \d{4}, “.+”$", known.paper), known
        assert 25 <= known.dim <= 300
        assert known.sha256 is None or re.fullmatch("[0-9a-f]{64}", known.sha256)
        assert known.md5 is None or re.fullmatch("[0-9a-f]{32}", known.md5)
        assert "{" not in f"{known.name}{known.member}{known.tokenizer}"
    assert len({(known.address, known.member) for known in everything}) == len(everything)
    facts = {}
    for known in everything:
        same = (known.size, known.sha256, known.md5)
        assert facts.setdefault(known.address, same) == same


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("glove.6b.100d", "glove.6B.100d"),
        ("glove.6B.100", "glove.6B.100d"),
        ("fasttext.cc.en.300d", "fasttext.cc.en.300"),
        ("word2vec-google-news-300", "word2vec.google-news-300"),
        ("bpemb.en.vs1000.d10", "bpemb.en.vs1000.d100"),
        ("bpemb.en", "bpemb.en.vs1000.d25"),
    ],
)
def test_unknown_names_are_refused_with_the_nearest(name, near):
    with pytest.raises(InputError, match=rf"{re.escape(repr(name))}. Did you mean .*{near}\b"):
        pretrained(name)


def test_a_name_like_no_other():
    with pytest.raises(InputError, match=r"'??'. pretrained_names\(\) lists them"):
        pretrained("??")


def test_vectors_are_downloaded_from_a_mirror(tmp_path, monkeypatch):
    import gzip

    known = replace(pretrained("bpemb.en.vs1000.d25"), size=None)
    content = b"2 3\na 1 2 3\nb 4 5 6\n"
    files = {
        "nlp.h-its.org/bpemb/en/en.wiki.bpe.vs1000.d25.w2v.bin.tar.gz": gzip.compress(content),
        "nlp.h-its.org/bpemb/en/en.wiki.bpe.vs1000.model": b"model",
    }
    monkeypatch.setenv("no_proxy", "*")
    with serve(**files) as server:
        source = known.get(folder=tmp_path, mirror=f"{server.address}/")
        with source.open() as stream:
            assert stream.read() == content
        monkeypatch.setenv("TEXTDL_MIRROR", server.address)
        assert known.get(folder=tmp_path).peek(3) == b"2 3"
        assert known.get_tokenizer(folder=tmp_path).read_bytes() == b"model"
        assert [path for path, _ in server.log] == [f"/{name}" for name in files]
    assert pretrained("glove.6B.50d").get_tokenizer() is None


def test_what_is_not_as_published_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with serve(**{"nlp.stanford.edu/data/glove.6B.zip": b"<html>gone</html>"}) as server:
        known = pretrained("glove.6B.50d")
        with pytest.raises(InputError, match="has 17 bytes, and should have 862,182,613"):
            known.get(folder=tmp_path, mirror=server.address)
        with pytest.raises(InputError, match=f"not {known.sha256}"):
            replace(known, size=None).get(folder=tmp_path, mirror=server.address)
