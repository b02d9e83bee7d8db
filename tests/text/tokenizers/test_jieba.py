import io
import logging
import os
import pickle
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textdl.errors import InputError
from textdl.text.tokenizers import JiebaTokenizer, WordTokenizer, tokenizer_from_settings
from textdl.text.tokenizers import jieba as module

jieba = pytest.importorskip("jieba")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        (" \n\u3000", []),
        ("我来到北京清华大学。", ["我", "来到", "北京", "清华大学", "。"]),
        ("好看<br />&nbsp;不错&lt;3", ["好看", "不错", "<", "3"]),
        ("这件T恤100元", ["这件", "t恤", "100", "元"]),
        ("日本語テキスト", ["日本", "語", "テキスト"]),
        ("café不错，don't不错écaf", ["café", "不错", ",", "don't", "不错", "écaf"]),
    ],
)
def test_words(text, tokens):
    assert JiebaTokenizer()(text) == tokens


def test_case_punctuation_and_new_words():
    assert JiebaTokenizer(lower=False)("T恤，OK") == ["T恤", ",", "OK"]
    assert JiebaTokenizer(punctuation=False)("不错，OK！") == ["不错", "ok"]
    assert JiebaTokenizer()("网易杭研大厦") == ["网易", "杭研", "大厦"]
    assert JiebaTokenizer(hmm=False)("网易杭研大厦") == ["网易", "杭", "研", "大厦"]


@settings(deadline=None)
@given(st.text(st.sampled_from("abC1_'’.-& \u0301éжテ<br>") | st.characters(), max_size=40))
def test_without_chinese_it_cuts_as_words(text):
    if not module._HAN.search(text):
        assert JiebaTokenizer()(text) == WordTokenizer()(text)


@settings(deadline=None)
@given(st.text(st.sampled_from("中国人民好看不错abC1_'é, "), max_size=40))
def test_it_cuts_inside_of_words_only(text):
    whole, tokens = WordTokenizer()(text), JiebaTokenizer()(text)
    assert "".join(tokens) == "".join(whole)
    assert all(tokens)
    assert len(tokens) >= len(whole)


def test_what_the_program_has_changed_in_jieba_changes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(jieba, "default_logger", logging.getLogger("quiet"))
    for name, value in {"FREQ": {}, "total": 0, "initialized": False, "tmp_dir": tmp_path}.items():
        monkeypatch.setattr(jieba.dt, name, value)
    jieba.load_userdict(io.StringIO("来到清华大学 1000000"))
    assert jieba.lcut("来到清华大学") == ["来到清华大学"]
    assert JiebaTokenizer()("来到清华大学") == ["来到", "清华大学"]


def test_it_says_and_leaves_nothing(tmp_path):
    code = (
        "import sys; from textdl.text import JiebaTokenizer; tokenizer = JiebaTokenizer();"
        "assert 'jieba' not in sys.modules; assert len(tokenizer('不错的电影')) == 3"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


def test_without_jieba(monkeypatch):
    module._segmenter.cache_clear()
    monkeypatch.setitem(sys.modules, "jieba", None)
    tokenizer = tokenizer_from_settings({"kind": "jieba"})
    with pytest.raises(InputError, match=r'pip install "textdl\[zh\]"'):
        tokenizer("不错")


def test_settings():
    tokenizer = JiebaTokenizer(lower=False, hmm=False)
    assert tokenizer("OK") == ["OK"]
    assert tokenizer_from_settings(tokenizer.settings()) == tokenizer
    assert pickle.loads(pickle.dumps(tokenizer)) == tokenizer  # noqa: S301 - made right here
