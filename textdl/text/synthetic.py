"""The default corpus: generated reviews of films and products, with structure that is known.

Nothing here was written by a reviewer. A seeded grammar (`synthetic_grammar`, words in
`synthetic_lexicon`) writes every text, so the corpus needs no download and no licence, is the same
to the byte everywhere, and its truth is known. It says nothing about how a model does on real
text: the sentences are few in kind, the English is plain, and the figures are better than on a real
corpus of this size.

**What a classifier can find.** The label follows from how a sentence is built. Templates serve both
labels, praise and blame occur in both, and negation ("is not dull"), contrast ("despite the clever
script, I hate it"), hearsay ("everyone said the ending is touching; it isn't") and the unreal
("could so easily have been wooden") turn them round, nearly always within five words. A bag of
words sees which adjectives prevail and is right in about 82 reviews of 100; a network that sees
word order, in 98. The rest are reviews that contradict themselves.

**What word vectors can find.** Words with similar contexts get similar vectors (Harris 1954,
"Distributional Structure"), and the grammar decides the contexts:

- *Synonyms* fill the same slots at random, so that only chance tells them apart. Each set has
  company of its own: what it is said of, and what it is likened to ("as murky as a puddle").
- *Analogies* arise because a form and a lexeme bring context words of their own, independently:
  "taller" shares "than" with every comparative, and ladders and towers with "tall" and "tallest".
  The log-odds of the contexts add up, and so do the vectors that are fitted to them (Levy and
  Goldberg 2014, "Linguistic Regularities in Sparse and Explicit Word Representations"). The same
  holds for the two numbers of a noun, and for invented countries and their capitals, which share
  a river, a dish and a language.
- *Frequencies* follow Zipf's law roughly, because every list is drawn from with probabilities that
  fall as 1/(rank + constant) (Mandelbrot 1953), and invented names make a long tail.

`TRUTH` lists what is planted.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import accumulate, cycle, islice
from random import Random
from typing import NamedTuple

from textdl.errors import InputError
from textdl.text.synthetic_grammar import COMMON, KEPT, KINDS, PLANTED, Rules
from textdl.text.synthetic_lexicon import SECTIONS, TRUTH, Polar, Truth, Words

__all__ = ["LABEL_NAMES", "SECTIONS", "TRUTH", "Review", "Truth", "generate"]

LABEL_NAMES = ["negative", "positive"]

_SPLITS = ("train", "unsupervised", "train", "test", "unsupervised", "train")


class Review(NamedTuple):
    """One document.

    Attributes:
        text: a few sentences, now and then with `<br />` and `&amp;`, as on a web page.
        label: index into `LABEL_NAMES`; -1 in the split "unsupervised".
        split: "train", "test" or "unsupervised".
    """

    text: str
    label: int
    split: str


def generate(documents: int = 30_000, seed: int = 1) -> Iterator[Review]:
    """Write reviews, one at a time.

    Half of them are for training, a sixth for testing and a third unlabelled, in turn; the labels
    of a split differ in number by one at most. Fewer documents with the same seed are the first
    of more.

    Args:
        documents: how many, at least 1.
        seed: of the random numbers, at least 0.

    Raises:
        InputError: `documents` or `seed` is too small.
    """
    if documents < 1:
        raise InputError(f"documents is {documents}: a corpus needs at least 1 document.")
    if seed < 0:
        raise InputError(f"seed is {seed}: give a seed of at least 0.")
    return _reviews(documents, seed)


def _reviews(documents: int, seed: int) -> Iterator[Review]:
    writer = _Writer(seed)
    labels = {split: cycle(range(len(LABEL_NAMES))) for split in _SPLITS}
    for split in islice(cycle(_SPLITS), documents):
        label = next(labels[split])
        yield Review(writer.review(label), -1 if split == "unsupervised" else label, split)


class _Slot(NamedTuple):
    symbol: str
    capital: bool
    opposite: bool
    second: bool
    kept: bool


_Template = str | tuple[str | _Slot, ...]


class _Rule(NamedTuple):
    templates: tuple[_Template, ...]
    weights: list[float]


_Table = Mapping[str, tuple[_Rule, _Rule]]
"""The rules for negative and for positive sentences, by symbol."""


def _template(text: str) -> _Template:
    parts: list[str | _Slot] = []
    for literal, marks, symbol in re.findall(r"([^{]+)|\{([-~]*)(\w+)\}", text):
        name = symbol[:1].lower() + symbol[1:]
        slot = _Slot(name, name != symbol, "-" in marks, "~" in marks, name in KEPT)
        parts.append(literal or slot)
    return text if parts == [text] else tuple(parts)


def _zipf(ranks: int) -> list[float]:
    """Cumulative weights of the ranks, the first the heaviest (Zipf 1935, Mandelbrot 1953)."""
    return list(accumulate(1 / (rank + 2 + ranks / 10) for rank in range(1, ranks + 1)))


def _rule(texts: Words) -> _Rule:
    return _Rule(tuple(map(_template, texts)), _zipf(len(texts)))


def _table(rules: Rules) -> _Table:
    return {
        symbol: (_rule(texts.negative), _rule(texts.positive))
        if isinstance(texts, Polar)
        else (_rule(texts),) * 2
        for symbol, texts in rules.items()
    }


class _Deck:
    """Topics dealt in random order, none twice before all have been dealt."""

    def __init__(self, topics: Sequence[_Table]) -> None:
        self._topics = topics
        self._dealt: set[int] = set()

    def shuffle(self) -> None:
        self._dealt.clear()

    def deal(self, draw: float) -> _Table:
        """The topic at `draw`, a number in [0, 1), or the next one that has not been dealt."""
        if len(self._dealt) == len(self._topics):
            self.shuffle()
        card = int(draw * len(self._topics))
        while card in self._dealt:
            card = (card + 1) % len(self._topics)
        self._dealt.add(card)
        return self._topics[card]


class _Subject:
    """What a sentence is about: a topic or two, dealt when they are first named."""

    def __init__(self, deck: _Deck, random: Callable[[], float]) -> None:
        self._deck = deck
        self._random = random
        self._topics: list[_Table] = []

    def topic(self, second: bool) -> _Table:
        while len(self._topics) <= second:
            self._topics.append(self._deck.deal(self._random()))
        return self._topics[second]


@cache
def _kinds() -> list[tuple[_Table, dict[str, list[_Table]]]]:
    """The rules of each kind of review, and the topics of each symbol that has topics."""
    common = _table(COMMON)
    planted = {symbol: list(map(_table, topics)) for symbol, topics in PLANTED.items()}
    return [
        ({**common, **_table(kind.rules)}, {"claim": list(map(_table, kind.aspects)), **planted})
        for kind in KINDS
    ]


class _Writer:
    """Draws with `Random.random` alone, the one method whose numbers no Python version changes."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random
        self._kinds = [
            (rules, {symbol: _Deck(topics) for symbol, topics in decks.items()})
            for rules, decks in _kinds()
        ]
        self._kind_weights = _zipf(len(self._kinds))

    def review(self, label: int) -> str:
        """A review that is negative (0) or positive (1) on the whole."""
        self._rules, self._decks = self._kinds[self._rank(self._kind_weights)]
        self._kept: dict[str, str] = {}
        for deck in self._decks.values():
            deck.shuffle()
        text = self._write("review", label, None, second=False)
        return re.sub(r"\b([Aa]) (?=[AEIOUaeiou])", r"\1n ", text)

    def _rank(self, weights: list[float]) -> int:
        return bisect_right(weights, self._random() * weights[-1], 0, len(weights) - 1)

    def _write(self, symbol: str, side: int, subject: _Subject | None, second: bool) -> str:
        if symbol in self._decks:
            subject, second = _Subject(self._decks[symbol], self._random), False
        own = subject.topic(second).get(symbol) if subject else None
        rule = (own or self._rules[symbol])[side]
        template = rule.templates[self._rank(rule.weights)]
        if isinstance(template, str):
            return template
        return "".join(
            [
                part if isinstance(part, str) else self._fill(part, side, subject, second)
                for part in template
            ]
        )

    def _fill(self, slot: _Slot, side: int, subject: _Subject | None, second: bool) -> str:
        text = self._kept.get(slot.symbol)
        if text is None:
            text = self._write(slot.symbol, side ^ slot.opposite, subject, second ^ slot.second)
            if slot.kept:
                self._kept[slot.symbol] = text
        return text[0].upper() + text[1:] if slot.capital else text
