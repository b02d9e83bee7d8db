"""CBOW, the continuous bag of words, with negative sampling or hierarchical softmax.

Mikolov et al. 2013, "Efficient Estimation of Word Representations in Vector Space" and "Distributed
Representations of Words and Phrases and their Compositionality". For every word w of the corpus,
with h the mean of the vectors v_c of the words c in the window around it, the loss is

    -log σ(u_w · h) - Σ_k log σ(-u_k · h),

over ``negative`` words k drawn in proportion to their count to the power ``ns_exponent``; or, with
hierarchical softmax,

    -Σ_n log σ(±u_n · h)

over the inner nodes n on the path from the root of a Huffman tree to w. The vectors v are the
result. word2vec.c and those after it give every one of n context words h's whole gradient, n times
its own (İrsoy, Benton & Stratos 2021, "Corrected CBOW Performs as well as Skip-gram"); here a step
is the gradient's, and the learning rate begins where that paper found it best.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from textdl.embeddings.device import train_on_device
from textdl.embeddings.hogwild import Stretch, Train, compiled, train_epochs
from textdl.embeddings.parts import ONE_PART, Parts
from textdl.embeddings.sampling import noise
from textdl.embeddings.state import State
from textdl.embeddings.task import Task
from textdl.embeddings.tree import NO_TREE, huffman_tree
from textdl.progress import Progress
from textdl.settings import checked
from textdl.text.corpus import Corpus
from textdl.vectors import Vectors


@checked
def train_cbow(
    corpus: Corpus,
    *,
    dim: Annotated[int, Ge(1), Le(10_000)] = 100,
    window: Annotated[int, Ge(1), Le(1000)] = 5,
    objective: Literal["negative-sampling", "hierarchical-softmax"] = "negative-sampling",
    negative: Annotated[int, Ge(1), Le(100)] = 5,
    ns_exponent: Annotated[float, Ge(-2), Le(2)] = 0.75,
    shared_windows: Annotated[int, Ge(1), Le(1000)] = 4,
    sample: Annotated[float, Ge(0), Le(1)] = 1e-3,
    shrink_windows: bool = True,
    cbow_mean: bool = True,
    normalize_gradient: bool = True,
    min_count: Annotated[int, Ge(0)] = 0,
    word_weights: dict[str, Annotated[float, Ge(0)]] | None = None,
    lr: Annotated[float, Gt(0)] = 0.075,
    min_lr: Annotated[float, Ge(0)] = 1e-4,
    epochs: Annotated[int, Ge(1)] = 5,
    splits: list[str] | None = None,
    held_out: str | None = None,
    patience: Annotated[int, Ge(1)] | None = None,
    init: Vectors | None = None,
    keep_context: bool = False,
    seed: Annotated[int, Ge(0)] = 1,
    workers: Annotated[int, Ge(1)] | None = None,
    device: str = "cpu",
    checkpoint_words: Annotated[int, Ge(1)] = 10_000_000,
    checkpoints: Path | None = None,
    progress: Progress | None = None,
) -> Vectors:
    """Train word vectors on a corpus.

    Args:
        dim: numbers in a vector.
        window: words to either side of a word that are its context.
        objective: what a step minimises, see the module's formulas.
        negative: negative samples for each word.
        ns_exponent: 1 draws negative samples as often as words occur, 0 all words alike.
        shared_windows: so many windows in a row share their negative samples, which stay in the
            processor's cache that long.
        sample: words of a higher relative frequency are skipped at random; 0 skips none.
        shrink_windows: each window is as wide as a draw from 1 to ``window``, which gives near
            words more weight.
        cbow_mean: h is the mean of the context words' vectors, else their sum.
        normalize_gradient: a step follows the gradient, in which each of n averaged words has 1/n
            of h's; else every word takes all of h's, as in word2vec.c. No difference for sums.
        min_count: rarer words of the corpus' vocabulary are left out. The vocabulary itself was
            cut when the corpus was built, by default to words that occur five times.
        word_weights: how much the windows of a word count, by word; by default all 1.
        lr: the learning rate at the beginning; it falls linearly over the words of all epochs.
        min_lr: the learning rate at the end.
        splits: default every split but ``test`` and ``validation``.
        held_out: a split whose loss is reported after every epoch.
        patience: stop when the held-out loss has not fallen for so many epochs, with the vectors of
            the best epoch.
        init: vectors to start from, for the words that they have; with their context vectors, if
            they were kept, which continues their training.
        keep_context: the result has the context vectors u too.
        workers: threads; default one per core. With 1, the same seed gives the same bytes.
        device: ``cpu`` trains with compiled kernels; ``cuda`` or ``cuda:1`` on a GPU through torch,
            in batches, where every window draws its own negative samples and ``workers`` counts
            nothing; ``torch-cpu`` does the same on the processor, slowly, to check it.
        checkpoint_words: a checkpoint after so many words.
        checkpoints: a folder for checkpoints; training goes on from the one that is there.
        progress: what hears of words per second, learning rate and loss.

    Returns:
        float32 vectors of all words of the vocabulary, frequent ones first. ``info["losses"]``
        holds the mean loss per window, for each epoch.

    Raises:
        InputError: a setting is out of range, a split does not exist or is empty, the corpus is
            damaged, the checkpoint is another training's, or training diverged.
    """
    task = Task.begin("cbow", locals())
    state = task.restored() or task.initial()
    if device == "cpu":
        train_epochs(task, state, cbow_trainer(task, state, None))
    else:
        train_on_device(task, state, "from mean")
    return task.result(state)


def cbow_trainer(task: Task, state: State, parts: Parts | None) -> Train:
    """The function that trains on a stretch; with ``parts``, words are made of those."""
    from textdl.embeddings.kernels.cbow import cbow_kernel

    settings = task.settings
    softmax = settings.get("objective") == "hierarchical-softmax"
    kernel = cbow_kernel(state.inputs.shape[1], parts is not None, softmax)
    windows = task.windows()
    drawn = noise(task.counts, settings["ns_exponent"], settings["shared_windows"])
    tree = huffman_tree(task.counts) if softmax else NO_TREE
    mean, normalized = settings.get("cbow_mean", True), settings["normalize_gradient"]

    def train(stretch: Stretch) -> tuple[float, int]:
        loss, pairs = kernel(
            state.inputs, state.outputs, stretch, windows, settings["negative"], drawn, tree,
            parts or ONE_PART, mean, normalized,
        )  # fmt: skip
        return float(loss), int(pairs)

    return compiled(train, task)
