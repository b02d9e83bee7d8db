import pytest

from textdl.text.tokenizers import PhraseTokenizer, WordTokenizer, tokenizer_from_settings

PHRASES = frozenset({("new", "york"), ("bank", "of", "america"), ("york", "times")})
TOKENIZER = PhraseTokenizer(WordTokenizer(), PHRASES, "_", frozenset({"of", "the"}))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        ("New", ["new"]),
        ("New York times", ["new_york", "times"]),
        ("new new york york times", ["new", "new_york", "york_times"]),
        ("the Bank of America", ["the", "bank_of_america"]),
        ("bank of the america", ["bank", "of", "the", "america"]),
        ("bank of new york of", ["bank", "of", "new_york", "of"]),
        ("new_york", ["new_york"]),
    ],
)
def test_phrases_are_joined_from_left_to_right(text, tokens):
    assert TOKENIZER(text) == tokens


def test_phrases_of_phrases_and_settings():
    nested = PhraseTokenizer(TOKENIZER, frozenset({("new_york", "été")}))
    assert nested("new york ÉTÉ") == ["new_york_été"]
    again = tokenizer_from_settings(nested.settings())
    assert again == nested
    assert again.settings() == nested.settings()
