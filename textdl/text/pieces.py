"""Learning the pieces of a BPE tokenizer from documents."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Iterator
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt

from textdl.errors import InputError
from textdl.progress import Progress, Silent
from textdl.settings import checked
from textdl.text.corpus import choose_splits
from textdl.text.documents import Documents
from textdl.text.normalization import normalize
from textdl.text.tokenizers.bpe import BpeTokenizer

BLOCK_BYTES = 16_384
_LONGEST_SENTENCE = 1 << 20  # More than a block can be after normalisation.
_UNSUITED = re.compile("[\0\r\n]")


@checked
def train_bpe(
    documents: Documents,
    *,
    vocab_size: Annotated[int, Ge(2)] = 8000,
    character_coverage: Annotated[float, Gt(0), Le(1)] = 0.9995,
    byte_fallback: bool = True,
    normalization: Literal["nmt_nfkc", "nfkc", "nmt_nfkc_cf", "nfkc_cf", "identity"] = "nmt_nfkc",
    dropout: Annotated[float, Ge(0), Lt(1)] = 0.0,
    splits: list[str] | None = None,
    sample_bytes: Annotated[int, Ge(1)] = 100_000_000,
    seed: int = 0,
    progress: Progress | None = None,
) -> BpeTokenizer:
    """Learn a BPE model (Sennrich et al. 2016) with SentencePiece (Kudo & Richardson 2018).

    The result depends on the arguments alone. Ids 0 and 1 of the model are ``<pad>`` and
    ``<unk>``, as in :class:`~textdl.text.vocab.Vocab`; it has no other control symbols.

    Args:
        vocab_size: pieces, with ``<pad>``, ``<unk>`` and, with ``byte_fallback``, the 256 bytes.
        character_coverage: the share of the text whose characters get pieces.
        byte_fallback: other characters become bytes, so that nothing is unknown.
        normalization: SentencePiece's rule; ``_cf`` folds case.
        dropout: of the tokenizer, not of training.
        splits: default every split but ``test`` and ``validation``.
        sample_bytes: of a larger text, blocks of about so many bytes in all are drawn by ``seed``.

    Raises:
        InputError: there is no text, or ``vocab_size`` does not suit it; the message says the
            limit.
    """
    from sentencepiece import SentencePieceTrainer

    splits = choose_splits(list(documents.splits), splits)
    model = io.BytesIO()
    try:
        SentencePieceTrainer.train(
            sentence_iterator=_sample(documents, splits, sample_bytes, seed, progress or Silent()),
            model_writer=model,
            model_type="bpe",
            vocab_size=vocab_size,
            character_coverage=character_coverage,
            byte_fallback=byte_fallback,
            normalization_rule_name=normalization,
            max_sentence_length=_LONGEST_SENTENCE,
            pad_id=0,
            unk_id=1,
            bos_id=-1,
            eos_id=-1,
            num_threads=1,
            minloglevel=4,
        )
    except RuntimeError as error:
        raise InputError(_explain(str(error), vocab_size, splits)) from error
    return BpeTokenizer(model.getvalue(), dropout, seed)


def _sample(
    documents: Documents, splits: list[str], limit: int, seed: int, progress: Progress
) -> Iterator[str]:
    rows = [documents.splits[name] for name in splits]
    offsets = documents.texts.offsets
    total = sum(int(offsets[row.stop] - offsets[row.start]) for row in rows)
    chance, share, done = random.Random(seed), limit / max(total, 1), 0
    for row in rows:
        for i in row:
            for block in _blocks(documents, i):
                done += len(block)
                if share >= 1 or chance.random() < share:
                    text = _UNSUITED.sub(" ", normalize(block.decode(), lower=False))
                    if text.strip():
                        yield text
            if i % 1000 == 0:
                progress.update(done, total, "bytes")
    progress.update(total, total, "bytes")


def _blocks(documents: Documents, i: int) -> Iterator[bytes]:
    """Document ``i`` in blocks, cut at spaces, or where there are none between characters."""
    data, offsets = documents.texts.data, documents.texts.offsets
    start, end = int(offsets[i]), int(offsets[i + 1])
    while start < end:
        stop = min(start + BLOCK_BYTES, end)
        block = data[start:stop].tobytes()
        if stop < end:
            cut = max(block.rfind(b" "), block.rfind(b"\n"))
            if cut <= 0:
                cut = len(block)
                while cut > 1 and data[start + cut] & 0xC0 == 0x80:
                    cut -= 1
            block = block[:cut]
        yield block
        start += len(block)


def _explain(message: str, vocab_size: int, splits: list[str]) -> str:
    if found := re.search(r"value <= (\d+)", message):
        return f"vocab_size: the text has at most {found[1]} pieces, not {vocab_size}: lower it"
    if found := re.search(r"required_chars\. \d+ vs (\d+)", message):
        return (
            f"vocab_size: characters and bytes alone are {found[1]} pieces, more than "
            f"{vocab_size}: raise it, or lower character_coverage"
        )
    if "sentences_.empty()" in message or "all_chars_count" in message:
        return f"no text in {', '.join(splits)}: every document is empty"
    return f"SentencePiece can't train on this text: {message}"
