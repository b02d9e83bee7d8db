import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textdl.packed import PackedStrings

strings = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=40)


@given(strings, st.text(st.characters(exclude_categories=["Cs"]), max_size=3))
def test_a_sequence_like_a_list(items, other):
    packed = PackedStrings.pack(items)
    assert list(packed) == items
    assert len(packed) == len(items)
    assert packed[1:3] == items[1:3]
    for item in [*items, other]:
        assert (item in packed) == (item in items)
        found = packed.find(item)
        assert found == -1 if item not in items else items[found] == item
    assert packed.find_all([*items, other]).tolist() == [
        items.index(item) if item in items else -1 for item in [*items, other]
    ]


def test_positions():
    packed = PackedStrings.pack(["b", "a", "ü"])
    assert packed[-1] == "ü"
    assert packed.order.tolist() == [1, 0, 2]
    with pytest.raises(IndexError, match="string 3 of 3"):
        packed[3]
    assert repr(packed) == "PackedStrings(['b', 'a', 'ü'], len=3)"
    assert 3 not in packed


def test_some_strings_by_position():
    strings = PackedStrings.pack(["a", "", "naïve", "電影", "b"])
    assert list(strings.take(np.array([3, 1, 2]))) == ["電影", "", "naïve"]
    assert list(strings.take(np.array([], np.int64))) == []


STRINGS = st.lists(
    st.one_of(st.text(max_size=30), st.sampled_from(["", "a", "a\0", "a\0\0", "aaaaaaaa" * 2])),
    max_size=40,
)


@given(STRINGS)
def test_sorting_is_that_of_the_bytes(strings):
    packed = PackedStrings.pack(s.encode(errors="replace").decode() for s in strings)
    strings = list(packed)
    expected = sorted(range(len(strings)), key=lambda i: (strings[i].encode(), i))
    assert packed.order.tolist() == expected
    first = {}
    repeated = [i for i, s in enumerate(strings) if first.setdefault(s, i) != i]
    assert PackedStrings.pack(strings).repeated().tolist() == repeated
    for string in strings:
        assert packed.find(string) == first[string]


@given(STRINGS)
def test_parts_and_wholes(strings):
    packed = PackedStrings.pack(s.encode(errors="replace").decode() for s in strings)
    half = len(packed) // 2
    rest = packed.take(np.arange(half, len(packed)))
    joined = PackedStrings.join([packed.first(half), rest])
    assert list(joined) == list(packed)
