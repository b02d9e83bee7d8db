"""From raw text to a corpus of token ids."""

from textdl.text.corpus import Corpus
from textdl.text.documents import Documents
from textdl.text.encoding import build_corpus
from textdl.text.phrases import find_phrases
from textdl.text.pieces import train_bpe
from textdl.text.sources import read_documents
from textdl.text.tokenizers import (
    BpeTokenizer,
    CharacterTokenizer,
    JiebaTokenizer,
    Tokenizer,
    WordTokenizer,
)
from textdl.text.vocab import Vocab

__all__ = [
    "BpeTokenizer",
    "CharacterTokenizer",
    "Corpus",
    "Documents",
    "JiebaTokenizer",
    "Tokenizer",
    "Vocab",
    "WordTokenizer",
    "build_corpus",
    "find_phrases",
    "read_documents",
    "train_bpe",
]
