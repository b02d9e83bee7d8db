"""Subword pieces: byte-pair encoding by SentencePiece."""

from __future__ import annotations

import base64
import json
import random
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from textdl.errors import InputError
from textdl.text.normalization import normalize

_SPACE = "\N{LOWER ONE EIGHTH BLOCK}"


@dataclass(frozen=True)
class BpeTokenizer:
    """Cuts text into the pieces of a SentencePiece BPE model (Sennrich et al. 2016, "Neural Machine
    Translation of Rare Words with Subword Units"; Kudo & Richardson 2018, "SentencePiece").

    HTML is resolved as for words. A character that the model has no piece for, not even as bytes,
    is a token by itself, which no vocabulary knows.

    Args:
        model: the bytes of a SentencePiece model of type BPE.
        dropout: the probability of leaving out each merge (Provilkov et al. 2020, "BPE-Dropout").
            The same text and seed give the same pieces.
        seed: what dropout draws from, together with the text.

    Raises:
        InputError: the model is none of SentencePiece's, or dropout is no probability.
    """

    model: bytes
    dropout: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.dropout < 1:
            raise InputError(f"dropout: {self.dropout} is not from 0 up to, without, 1")
        try:
            usable = self._processor.get_piece_size() > 0
        except (RuntimeError, TypeError, ValueError):
            usable = False
        if not usable:
            raise InputError("not a SentencePiece model: train one with train_bpe")

    @cached_property
    def _processor(self) -> Any:
        from sentencepiece import SentencePieceProcessor

        return SentencePieceProcessor(model_proto=self.model)

    @cached_property
    def pieces(self) -> tuple[str, ...]:
        """Every piece that a text can be cut into, in the model's order; no control symbols."""
        model = self._processor
        return tuple(
            model.id_to_piece(i)
            for i in range(model.get_piece_size())
            if not (model.is_unknown(i) or model.is_control(i) or model.is_unused(i))
        )

    @cached_property
    def _scores(self) -> dict[str, float]:
        model = self._processor
        return {piece: model.get_score(model.piece_to_id(piece)) for piece in self.pieces}

    def __call__(self, text: str) -> list[str]:
        text = normalize(text, lower=False)
        if not self.dropout:
            pieces: list[str] = self._processor.encode(text, out_type=str)
            return pieces
        chance = random.Random(f"{self.seed}:{text}")
        plain = self._processor.normalize(text)
        if not plain.startswith(_SPACE) and plain:
            plain = _SPACE + plain
        words = plain.split(_SPACE)[1:]
        return [piece for word in words for piece in self._merge(_SPACE + word, chance)]

    def _merge(self, word: str, chance: random.Random) -> list[str]:
        parts = list(word)
        while True:
            pairs = [
                (-self._scores[left + right], i)
                for i, (left, right) in enumerate(pairwise(parts))
                if left + right in self._scores and chance.random() >= self.dropout
            ]
            if not pairs:
                break
            _, i = min(pairs)
            parts[i : i + 2] = [parts[i] + parts[i + 1]]
        return [token for part in parts for token in self._known(part)]

    def _known(self, part: str) -> list[str]:
        if part in self._scores or "<0x00>" not in self._scores:
            return [part]
        return [f"<0x{byte:02X}>" for byte in part.encode()]

    def __reduce__(self) -> tuple[Any, ...]:
        return BpeTokenizer, (self.model, self.dropout, self.seed)

    def __repr__(self) -> str:
        return f"BpeTokenizer({len(self.pieces):,} pieces, dropout={self.dropout:g})"

    def settings(self) -> dict[str, Any]:
        model = base64.b64encode(self.model).decode()
        return {"kind": "bpe", "model": model, "dropout": self.dropout, "seed": self.seed}

    @classmethod
    def restore(cls, model: str, dropout: float = 0.0, seed: int = 0) -> BpeTokenizer:
        """The tokenizer of these settings.

        Raises:
            InputError: the model is damaged.
        """
        try:
            return cls(base64.b64decode(model, validate=True), dropout, seed)
        except ValueError as error:
            raise InputError(f"tokenizer of kind 'bpe': {error}") from error

    def save(self, folder: str | Path) -> None:
        """Write ``bpe.model``, which SentencePiece's own tools open, and ``bpe.json``."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "bpe.model").write_bytes(self.model)
        text = json.dumps({"dropout": self.dropout, "seed": self.seed})
        (folder / "bpe.json").write_text(text + "\n", "utf-8")

    @classmethod
    def load(cls, folder: str | Path) -> BpeTokenizer:
        """Open a saved tokenizer.

        Raises:
            InputError: the folder holds none, or a damaged one.
        """
        folder = Path(folder)
        try:
            settings = json.loads((folder / "bpe.json").read_text("utf-8"))
            return cls((folder / "bpe.model").read_bytes(), **settings)
        except (OSError, TypeError, ValueError) as error:
            raise InputError(f"{folder}: not a complete BPE tokenizer ({error})") from error
