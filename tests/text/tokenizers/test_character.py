import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textdl.text.normalization import normalize
from textdl.text.tokenizers import CharacterTokenizer, tokenizer_from_settings


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        (" \r\n\u3000", []),
        ("这部电影，很好！", ["这", "部", "电", "影", ",", "很", "好", "!"]),
        ("A<br />B &amp; ＣＤ", ["a", "b", "&", "c", "d"]),
        ("cafe\u0301 x\u0323\u0302", ["c", "a", "f", "é", "x\u0323\u0302"]),
        ("葛\U000e0100城", ["葛\U000e0100", "城"]),
        ("한국 テスト", ["한", "국", "テ", "ス", "ト"]),
        ("👍🏽👨‍👩‍👧🇨🇳", ["👍🏽", "👨‍👩‍👧", "🇨🇳"]),
        ("a \u0301", ["a", "\u0301"]),
        ("\u0600 ٣", ["\u0600", "٣"]),
    ],
)
def test_characters(text, tokens):
    assert CharacterTokenizer()(text) == tokens


def test_case_and_punctuation():
    text = "很好, Ab_3! 👨‍👩‍👧é"
    assert CharacterTokenizer(lower=False)("Ab") == ["A", "b"]
    assert CharacterTokenizer(punctuation=False)(text) == ["很", "好", "a", "b", "_", "3", "é"]


@settings(deadline=None)
@given(
    st.text(
        st.sampled_from("好é\u0301 a\tÅ👍🏽\u200d🇨🇳\u0600&<br>\x1c") | st.characters(), max_size=30
    )
)
def test_nothing_but_spaces_is_lost(text):
    tokens = CharacterTokenizer()(text)
    assert "".join("".join(tokens).split()) == "".join(normalize(text).split())
    assert all(token.strip() == token != "" for token in tokens)


def test_settings():
    tokenizer = CharacterTokenizer(lower=False, punctuation=False)
    assert tokenizer_from_settings(tokenizer.settings()) == tokenizer
