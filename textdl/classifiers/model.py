"""A classifier that is ready for use: text in, label out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.tensors import open_tensors, save_tensors
from textdl.text.corpus import Corpus, choose_splits
from textdl.text.tokenizers import Tokenizer, tokenizer_from_settings
from textdl.text.vocab import Vocab
from textdl.training.history import History

if TYPE_CHECKING:  # torch is imported when a model is used: a plan looks at its class only
    from textdl.classifiers.networks import Network


class SentimentModel:
    """A tokenizer, a vocabulary, a network and the names of its classes.

    Args:
        network: gives logits ``[batch, len(label_names)]``; it may lie on any device.
        vocab: what its ids mean.
        tokenizer: cuts texts as those were cut that it was trained on.
        max_length: of a longer document it reads so many tokens; None reads all.
        history: its training, epoch by epoch.
        info: JSON that says where it comes from.
    """

    def __init__(
        self,
        network: Network,
        vocab: Vocab,
        tokenizer: Tokenizer,
        label_names: Sequence[str],
        *,
        max_length: int | None = None,
        history: History | None = None,
        info: dict[str, Any] | None = None,
    ) -> None:
        self.network = network
        self.vocab = vocab
        self.tokenizer = tokenizer
        self.label_names = list(label_names)
        self.max_length = max_length
        self.history = history if history is not None else History()
        self.info = info or {}
        wanted = {"words": len(vocab), "classes": len(self.label_names)}
        for name, size in wanted.items():
            if network.settings[name] != size:
                raise ValueError(f"a network for {network.settings[name]} {name}, not for {size}")

    def __repr__(self) -> str:
        labels = ", ".join(self.label_names)
        return f"SentimentModel({self.network.kind}, {len(self.vocab):,} words, {labels})"

    def predict(self, texts: Sequence[str]) -> list[str]:
        """The most probable label of each text.

        Raises:
            InputError: ``texts`` is no list of strings.
        """
        best = self.predict_proba(texts).argmax(1)
        return [self.label_names[i] for i in best.tolist()]

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The probability of each label, float32 ``[len(texts), len(label_names)]``.

        Raises:
            InputError: ``texts`` is no list of strings.
        """
        if isinstance(texts, str):
            raise InputError("one text instead of a list of texts: write [text]")
        for i, text in enumerate(texts):
            if not isinstance(text, str):
                raise InputError(f"text {i} is no string but {type(text).__name__}")
        ids = [self.vocab.encode(self.tokenizer(text)) for text in texts]
        offsets = np.zeros(len(ids) + 1, np.int64)
        np.cumsum([len(document) for document in ids], out=offsets[1:])
        tokens = np.concatenate([np.zeros(0, np.int32), *ids])
        return self._probabilities(tokens, offsets, np.arange(len(ids)))

    def predict_corpus(self, corpus: Corpus, split: str) -> NDArray[np.float32]:
        """The probability of each label for the documents of a split, in their order, float32
        ``[documents, len(label_names)]``.

        Raises:
            InputError: there is no such split, or the corpus has another vocabulary.
        """
        choose_splits(list(corpus.splits), [split])
        ours, theirs = self.vocab.words, corpus.vocab.words
        if not (
            np.array_equal(ours.offsets, theirs.offsets) and np.array_equal(ours.data, theirs.data)
        ):
            raise InputError(
                f"the corpus has another vocabulary ({len(theirs):,} words) than the one the model "
                f"was trained with ({len(ours):,} words), so its ids mean other words: use the "
                "model's corpus, or predict from texts"
            )
        return self._probabilities(corpus.tokens, corpus.offsets, np.array(corpus.splits[split]))

    def _probabilities(
        self, tokens: NDArray[np.int32], offsets: NDArray[np.int64], documents: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        import torch

        from textdl.training.batches import Batches

        place = next(self.network.parameters()).device
        self.network.eval()
        probabilities = np.empty((len(documents), len(self.label_names)), np.float32)
        batches = Batches(tokens, offsets, documents, max_length=self.max_length)
        with torch.inference_mode():
            for batch in batches.in_order():
                logits = self.network(batch.ids.to(place), batch.lengths.to(place))
                probabilities[batch.rows.numpy()] = logits.softmax(1).cpu().numpy()
        return probabilities

    def save(self, folder: str | Path) -> None:
        """Write ``model.safetensors``, ``model.json`` and ``vocab.safetensors`` into ``folder``."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        state = self.network.state_dict()
        weights = {name: value.cpu().numpy() for name, value in sorted(state.items())}
        save_tensors(folder / "model.safetensors", weights)
        self.vocab.save(folder / "vocab.safetensors")
        description = {
            "network": self.network.kind,
            "settings": self.network.settings,
            "label_names": self.label_names,
            "tokenizer": self.tokenizer.settings(),
            "max_length": self.max_length,
            "history": self.history.to_json(),
            "info": self.info,
        }
        text = json.dumps(description, ensure_ascii=False, indent=1)
        (folder / "model.json").write_text(text, "utf-8")

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Open a saved model, on the CPU.

        Raises:
            InputError: the folder holds no model, or a damaged one.
        """
        import torch

        from textdl.classifiers.networks import network_from_settings

        folder = Path(folder)
        weights, _ = open_tensors(folder / "model.safetensors")
        try:
            description = json.loads((folder / "model.json").read_text("utf-8"))
            vocab = Vocab.load(folder / "vocab.safetensors")
            if (words := description["settings"]["words"]) != len(vocab):
                raise ValueError(f"a network for {words} words and a vocabulary of {len(vocab)}")
            network = network_from_settings(description["network"], description["settings"])
            state = {name: torch.from_numpy(np.array(value)) for name, value in weights.items()}
            network.load_state_dict(state, assign=True)
            return cls(
                network,
                vocab,
                tokenizer_from_settings(description["tokenizer"]),
                description["label_names"],
                max_length=description["max_length"],
                history=History.from_json(description["history"]),
                info=description["info"],
            )
        except (AttributeError, OSError, KeyError, RuntimeError, TypeError, ValueError) as error:
            raise InputError(f"{folder}: not a complete model ({error})") from error
