import pytest

from textdl.errors import InputError
from textdl.text.normalization import normalize
from textdl.text.tokenizers import WordTokenizer, tokenizer_from_settings


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("A<br />B<BR>C<p>D</p>", "a b c d "),
        ("fish &amp; chips &lt;3", "fish & chips <3"),
        ("ﬁne&nbsp;ＷＩＤＥ", "fine wide"),
        ("don’t", "don't"),
        ("1 < 2 > 0", "1 < 2 > 0"),
        ("cafe\u0301", "caf\u00e9"),
    ],
)
def test_normalization(text, plain):
    assert normalize(text) == plain


def test_normalization_can_keep_case():
    assert normalize("A<br>B", lower=False) == "A B"


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        (" \n ", []),
        ("Don't stop!!", ["don't", "stop", "!", "!"]),
        ("'quoted' rock'n'roll", ["'", "quoted", "'", "rock'n'roll"]),
        ("Füße naïve", ["füße", "naïve"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("日本語 テキスト。", ["日本語", "テキスト", "。"]),
        ("so 👍 good", ["so", "👍", "good"]),
        ("a_b c-d", ["a_b", "c", "-", "d"]),
    ],
)
def test_words(text, tokens):
    assert WordTokenizer()(text) == tokens


def test_ascii_and_unicode_texts_are_cut_alike():
    text = "It's 3.50$, isn't it? (No: 4) x_y 'z' a--b"
    assert [*WordTokenizer()(text), "é"] == WordTokenizer()(text + " é")


def test_settings():
    assert WordTokenizer(lower=False, punctuation=False)("No, é") == ["No", "é"]
    tokenizer = WordTokenizer(punctuation=False)
    assert tokenizer_from_settings(tokenizer.settings()) == tokenizer
    with pytest.raises(InputError, match="no tokenizer of kind 'words'"):
        tokenizer_from_settings({"kind": "words"})
