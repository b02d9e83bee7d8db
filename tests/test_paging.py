import numpy as np
import pytest

from textdl.paging import release


def resident():
    """Bytes of mapped files in memory."""
    with open("/proc/self/status") as status:  # noqa: PTH123
        fields = dict(line.split(":", 1) for line in status)
    return int(fields["RssFile"].split()[0]) * 1024


def test_pages_are_given_back_and_can_be_read_again(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(4_000_000))
    array = np.load(tmp_path / "a.npy", mmap_mode="r")
    assert array.sum() == 7_999_998_000_000
    before = resident()
    release(array[100:200])
    if before:
        assert before - resident() > 20_000_000
    assert array.sum() == 7_999_998_000_000


def test_what_was_written_stays_written(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(1_000_000))
    array = np.load(tmp_path / "a.npy", mmap_mode="r+")
    array[:] = 7
    release(array)
    assert (array == 7).all()
    array.flush()
    assert (np.load(tmp_path / "a.npy") == 7).all()


@pytest.mark.parametrize("array", [np.ones(3), np.frombuffer(b"abcd", np.uint8)])
def test_nothing_happens_to_arrays_in_memory(array):
    before = array.copy()
    release(array)
    assert (array == before).all()
