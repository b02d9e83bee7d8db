"""From raw text to a corpus of token ids."""

from textdl.text.corpus import Corpus
from textdl.text.documents import Documents
from textdl.text.encoding import build_corpus
from textdl.text.sources import read_documents
from textdl.text.tokenizers import Tokenizer, WordTokenizer
from textdl.text.vocab import Vocab

__all__ = [
    "Corpus",
    "Documents",
    "Tokenizer",
    "Vocab",
    "WordTokenizer",
    "build_corpus",
    "read_documents",
]
