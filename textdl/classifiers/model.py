"""A classifier that is ready for use: text in, label out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np
from numpy.typing import NDArray

from textdl.cards import classifier_card, write_card
from textdl.classifiers.inputs import checked_texts, label_names, label_numbers
from textdl.classifiers.scores import Scores, decide, score_labels
from textdl.errors import InputError
from textdl.replacing import replaced_folder
from textdl.tensors import open_tensors, save_tensors
from textdl.text.corpus import Corpus, choose_splits
from textdl.text.tokenizers import Tokenizer, tokenizer_from_settings
from textdl.text.vocab import Vocab
from textdl.threads import Threads
from textdl.training.history import History

if TYPE_CHECKING:  # torch is imported when a model is used: a plan looks at its class only
    from textdl.classifiers.networks import Network

_TEXTS = 4096  # tokenized at a time


class SentimentModel:
    """A tokenizer, a vocabulary, a network and the names of its classes.

    Args:
        network: gives logits ``[batch, len(label_names)]``; it may lie on any device.
        vocab: what its ids mean.
        tokenizer: cuts texts as those were cut that it was trained on.
        max_length: of a longer document it reads so many tokens; None reads all.
        several: a document may have several labels, or none; each has a probability of its own.
        apart: the network judges each label apart from the others, as the loss ``binary`` has it
            learn; the probabilities of a document are then scaled to a sum of 1 unless it may have
            ``several`` labels.
        history: its training, epoch by epoch.
        info: JSON that says where it comes from.
    """

    several: bool = False

    def __init__(
        self,
        network: Network,
        vocab: Vocab,
        tokenizer: Tokenizer,
        label_names: Sequence[str],
        *,
        max_length: int | None = None,
        several: bool = False,
        apart: bool = False,
        history: History | None = None,
        info: dict[str, Any] | None = None,
    ) -> None:
        self.network = network
        self.vocab = vocab
        self.tokenizer = tokenizer
        self.label_names = list(label_names)
        self.max_length = max_length
        self.several = several
        self.apart = apart
        self.history = history if history is not None else History()
        self.info = info or {}
        wanted = {"words": len(vocab), "classes": len(self.label_names)}
        for name, size in wanted.items():
            if network.settings[name] != size:
                raise ValueError(f"a network for {network.settings[name]} {name}, not for {size}")

    def __repr__(self) -> str:
        labels = ", ".join(self.label_names)
        return f"SentimentModel({self.network.kind}, {len(self.vocab):,} words, {labels})"

    def predict(self, texts: Sequence[str]) -> list[str] | list[list[str]]:
        """The most probable label of each text, or, if it may have several, the list of those whose
        probability is at least 0.5.

        Raises:
            InputError: ``texts`` is no list of strings.
        """
        return self.decide(self.predict_proba(texts))

    def decide(self, probabilities: NDArray[np.float32]) -> list[str] | list[list[str]]:
        """What :meth:`predict` makes of the result of :meth:`predict_proba`."""
        return label_names(decide(probabilities, several=self.several), self.label_names)

    def evaluate(
        self, texts: Sequence[str], labels: Sequence[str] | Sequence[Sequence[str]]
    ) -> Scores:
        """Compare what is predicted with the true labels: a name for each text, or a list of names
        if it may have several.

        Raises:
            InputError: there are no texts, not as many labels, or labels that the model lacks.
        """
        texts = checked_texts(texts)
        true = label_numbers(labels, self.label_names, several=self.several)
        if len(texts) != len(true):
            raise InputError(f"{len(texts)} texts and {len(true)} labels: each text needs one")
        if not texts:
            raise InputError("no texts to evaluate on: give at least one, with its label")
        predicted = decide(self.predict_proba(texts), several=self.several)
        return score_labels(true, predicted, self.label_names)

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The probability of each label, float32 ``[len(texts), len(label_names)]``. The sum of a
        text's is 1 unless it may have several.

        Raises:
            InputError: ``texts`` is no list of strings.
        """
        texts = checked_texts(texts)
        ids, lengths = [np.zeros(0, np.int32)], [0]
        for start in range(0, len(texts), _TEXTS):
            documents = [self.tokenizer(text) for text in texts[start : start + _TEXTS]]
            lengths += map(len, documents)
            # At once: looking up a few words at a time takes much longer.
            ids.append(self.vocab.encode(chain.from_iterable(documents)))
        return self._probabilities(np.concatenate(ids), np.cumsum(lengths), np.arange(len(texts)))

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
        from torch.nn import functional

        from textdl.training.batches import Batch, Batches

        place = next(self.network.parameters()).device
        self.network.eval()
        probabilities = np.empty((len(documents), len(self.label_names)), np.float32)
        batches = Batches(tokens, offsets, documents, max_length=self.max_length)

        def predict(batch: Batch) -> None:
            with torch.inference_mode():
                logits = self.network(batch.ids.to(place), batch.lengths.to(place))
                if self.several:
                    shares = logits.sigmoid()
                else:
                    shares = (functional.logsigmoid(logits) if self.apart else logits).softmax(1)
            probabilities[batch.rows.numpy()] = shares.cpu().numpy()

        # Two threads with a batch each are faster than two that share each of its small products.
        cores = torch.get_num_threads()
        workers = cores if place.type == "cpu" and len(documents) > batches.batch_size else 1
        try:
            with Threads(workers, begin=partial(torch.set_num_threads, 1)) as threads:
                for _ in threads.map(predict, batches.in_order()):
                    pass
        finally:
            torch.set_num_threads(cores)  # threads that begin later take over what was set last
        return probabilities

    def save(self, folder: str | Path) -> None:
        """Write ``model.safetensors``, ``model.json``, ``vocab.safetensors`` and a model card into
        ``folder``. A model that lies there stays until all is written.

        Raises:
            InputError: ``folder`` is a file.
        """
        state = self.network.state_dict()
        weights = {name: value.cpu().numpy() for name, value in sorted(state.items())}
        description = {
            "network": self.network.kind,
            "settings": self.network.settings,
            "label_names": self.label_names,
            "tokenizer": self.tokenizer.settings(),
            "max_length": self.max_length,
            "several": self.several,
            "apart": self.apart,
            "history": self.history.to_json(),
            "info": self.info,
        }
        text = json.dumps(description, ensure_ascii=False, indent=1)
        card = classifier_card(
            self.info,
            network=self.network.kind,
            label_names=self.label_names,
            tokenizer=self.tokenizer.settings(),
            epochs=self.history.to_json(),
        )
        with replaced_folder(folder, last="model.json") as new:
            save_tensors(new / "model.safetensors", weights)
            self.vocab.save(new / "vocab.safetensors")
            (new / "model.json").write_text(text, "utf-8")
            write_card(new, card)

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Open a saved model, on the CPU.

        Raises:
            InputError: the folder holds no model, or a damaged one.
        """
        from textdl.classifiers.members import class_of

        folder = Path(folder)
        if cls is SentimentModel and (its := class_of(folder)):
            return cast(Self, its.load(folder))

        import torch

        from textdl.classifiers.networks import network_from_settings

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
                max_length=_max_length(description["max_length"]),
                several=description.get("several", False),
                apart=description.get("apart", False),
                history=History.from_json(description["history"]),
                info=description["info"],
            )
        except (AttributeError, OSError, KeyError, RuntimeError, TypeError, ValueError) as error:
            raise InputError(f"{folder}: not a complete model ({error})") from error


def _max_length(value: Any) -> int | None:
    if value is not None and (type(value) is not int or value < 1):
        raise ValueError(f"max_length is {value!r}")
    return value
