import hashlib
import re
import time
from collections import Counter
from itertools import combinations, islice

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from textdl.errors import InputError
from textdl.text.synthetic import LABEL_NAMES, SECTIONS, TRUTH, generate
from textdl.text.synthetic_grammar import COMMON, KEPT, KINDS, PLANTED
from textdl.text.synthetic_lexicon import ASPECTS, Polar, invent_names

DOCUMENTS = 15_000
PINNED = "c0eff9f806e39abed200bbd885ade0ad7da2c1a8f58c8e403cb876d529a92a1f"
NAMES = ("name", "surname", "brandname", "town")


@pytest.fixture(scope="module")
def reviews():
    return list(generate(DOCUMENTS, seed=1))


@pytest.fixture(scope="module")
def tokens(reviews):
    return [re.findall(r"\w+(?:'\w+)*", review.text.lower()) for review in reviews]


@pytest.fixture(scope="module")
def counts(tokens):
    return Counter(token for document in tokens for token in document)


def test_every_byte_is_pinned():
    lines = "\n".join(f"{text}\t{label}\t{split}" for text, label, split in generate(200, seed=1))
    assert hashlib.sha256(lines.encode()).hexdigest() == PINNED


def test_fewer_documents_are_the_first_of_more():
    assert list(generate(10, seed=7)) == list(generate(30, seed=7))[:10]


def test_two_corpora_can_be_written_at_once():
    both = list(zip(generate(20, seed=1), generate(20, seed=2), strict=True))
    assert [a for a, _ in both] == list(generate(20, seed=1))
    assert all(a.text != b.text for a, b in both)


def test_the_default_is_thirty_thousand_and_nothing_is_written_ahead():
    start = time.perf_counter()
    assert len(list(islice(generate(10**12), 3))) == 3
    assert time.perf_counter() - start < 1
    assert sum(1 for _ in islice(generate(), 5)) == 5


@pytest.mark.parametrize(("documents", "seed"), [(0, 1), (-3, 1), (10, -1)])
def test_too_small_is_refused_at_the_call(documents, seed):
    with pytest.raises(InputError, match="at least"):
        generate(documents, seed)


def test_splits_and_labels_are_balanced(reviews):
    counted = Counter((review.split, review.label) for review in reviews)
    assert counted == {
        ("train", 0): DOCUMENTS // 4,
        ("train", 1): DOCUMENTS // 4,
        ("test", 0): DOCUMENTS // 12,
        ("test", 1): DOCUMENTS // 12,
        ("unsupervised", -1): DOCUMENTS // 3,
    }
    assert len(LABEL_NAMES) == 2


def test_texts_look_like_reviews(reviews, tokens):
    lengths = np.array([len(document) for document in tokens])
    assert np.percentile(lengths, 1) > 25
    assert np.percentile(lengths, 99) < 95
    for text, _, _ in reviews:
        assert not re.search(r"[{}]|  |\b[Aa] [aeiou]| [.,;:]", text)
        assert re.match(r"[A-Z\"]", text)
        assert re.search(r"[.?]$", text)
    for markup in ("<br />", "&amp;", "&quot;"):
        assert 0.01 < np.mean([markup in review.text for review in reviews]) < 0.2


def test_hardly_a_text_occurs_twice(reviews):
    assert len({review.text for review in reviews}) > 0.99 * DOCUMENTS


def test_truth_is_large_and_frozen():
    assert len(TRUTH.synonyms) >= 15
    assert all(3 <= len(words) <= 5 for words in TRUTH.synonyms)
    assert len(TRUTH.plurals) >= 15
    assert len(TRUTH.degrees) >= 12
    assert len(TRUTH.capitals) >= 16
    assert len(TRUTH.antonyms) >= 20
    with pytest.raises(AttributeError):
        TRUTH.plurals = ()


def test_truth_words_are_single_tokens_in_one_relation():
    assert all(re.fullmatch(r"[a-z]+", word) for word in TRUTH.words())
    relations = (*TRUTH.synonyms, *TRUTH.plurals, *TRUTH.degrees, *TRUTH.capitals)
    assert all(not set(a) & set(b) for a, b in combinations(relations, 2))
    assert {word for pair in TRUTH.antonyms for word in pair} <= set(TRUTH.words())


def test_analogies_are_all_ordered_pairs_of_pairs():
    for section in SECTIONS:
        questions = list(TRUTH.analogies(section))
        pairs = len(TRUTH.pairs(section))
        assert len(set(questions)) == len(questions) == pairs * (pairs - 1)
    assert ("big", "bigger", "small", "smaller") in set(TRUTH.analogies("comparative"))
    with pytest.raises(KeyError):
        next(TRUTH.analogies("antonym"))


def test_truth_words_are_frequent(counts):
    assert min(counts[word] for word in TRUTH.words()) >= 50 * DOCUMENTS / 30_000


def test_truth_words_are_written_only_in_their_slots():
    """A literal "picture" in a template would bring the synonym set contexts it must not have."""
    rules = [COMMON, *(kind.rules for kind in KINDS)]
    templates = [
        template
        for table in rules
        for texts in table.values()
        for template in (texts.negative + texts.positive if isinstance(texts, Polar) else texts)
        if "{" in template
    ]
    literals = set(re.findall(r"\w+", re.sub(r"\{.*?\}", "", " ".join(templates)).lower()))
    assert not literals & set(TRUTH.words())


def test_invented_names_collide_with_nothing():
    invented = [name.lower() for symbol in NAMES for name in COMMON[symbol]]
    names = set(invented)
    assert len(names) == len(invented)
    topics = [*ASPECTS.values(), *(topic for topics in PLANTED.values() for topic in topics)]
    tables = [COMMON, *(kind.rules for kind in KINDS), *topics]
    for table in tables:
        for symbol, texts in table.items():
            if symbol not in NAMES:
                assert not names & set(re.findall(r"\w+", str(texts).lower()))
    first = COMMON["town"][0].lower()
    assert first not in {name.lower() for name in invent_names({first})["town"]}


def test_symbols_kept_through_a_review_exist():
    assert set(COMMON) >= KEPT


def test_frequencies_follow_zipf(counts):
    frequencies = np.sort(np.array(list(counts.values())))[::-1]
    assert 3_000 <= (frequencies >= 5).sum() <= 6_000
    ranks = np.arange(20, 2_001)
    x, y = np.log(ranks), np.log(frequencies[ranks - 1])
    slope = np.polyfit(x, y, 1)[0]
    assert -1.35 < slope < -0.85
    assert np.corrcoef(x, y)[0, 1] < -0.95


def test_no_word_gives_the_label_away(reviews, tokens):
    labelled = [(r.label, set(t)) for r, t in zip(reviews, tokens, strict=True) if r.label >= 0]
    documents = Counter(word for _, words in labelled for word in words)
    positive = Counter(word for label, words in labelled if label for word in words)
    shares = {word: positive[word] / n for word, n in documents.items() if n >= 100}
    assert len(shares) > 500
    assert 0.08 < min(shares.values()) < max(shares.values()) < 0.92
    opinions = {word for pair in TRUTH.antonyms for word in pair} | set().union(*TRUTH.synonyms)
    templates = [share for word, share in shares.items() if word not in opinions]
    assert np.mean(np.abs(np.array(templates) - 0.5) < 0.2) > 0.85


def test_word_order_tells_more_than_a_bag_of_words(reviews):
    some = reviews[:9_000]
    texts = {split: [r.text for r in some if r.split == split] for split in ("train", "test")}
    labels = {split: [r.label for r in some if r.split == split] for split in texts}

    def accuracy(longest):
        bag = CountVectorizer(min_df=5, ngram_range=(1, longest))
        model = LogisticRegression(solver="liblinear").fit(
            bag.fit_transform(texts["train"]), labels["train"]
        )
        return model.score(bag.transform(texts["test"]), labels["test"])

    words, bigrams = accuracy(1), accuracy(2)
    assert 0.7 < words < 0.9
    assert bigrams > words + 0.05


def test_the_planted_structure_is_found_by_counting_contexts(tokens):
    """PPMI with the three words on either side (Levy & Goldberg 2014), with nothing trained."""
    words = list(TRUTH.words())
    rows = {word: i for i, word in enumerate(words)}
    context = {word: i for i, word in enumerate(sorted({w for t in tokens for w in t}))}
    pairs = [
        (rows[word], context[document[j]])
        for document in tokens
        for i, word in enumerate(document)
        if word in rows
        for j in (i - 3, i - 2, i - 1, i + 1, i + 2, i + 3)
        if 0 <= j < len(document)
    ]
    seen = np.zeros((len(words), len(context)), np.float32)
    np.add.at(seen, tuple(np.array(pairs).T), 1)
    expected = seen.sum(1, keepdims=True) * seen.sum(0) / seen.sum() + 1e-9
    vectors = np.maximum(np.log(np.maximum(seen, 1e-9) / expected), 0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)

    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -1)
    nearest = {word: {words[i] for i in np.argsort(-similarity[rows[word]])[:3]} for word in rows}
    hits = [bool(nearest[word] & set(group)) for group in TRUTH.synonyms for word in group]
    assert np.mean(hits) > 0.9

    for section in SECTIONS:
        a, b, c, d = np.array([[rows[w] for w in q] for q in TRUTH.analogies(section)]).T
        scores = (vectors[b] - vectors[a] + vectors[c]) @ vectors.T
        scores[np.arange(len(a))[:, None], np.stack([a, b, c], 1)] = -np.inf
        assert np.mean(scores.argmax(1) == d) > 0.7, section
