import json

import numpy as np
import pytest
from safetensors.numpy import load_file

from textdl.arrays import NpyWriter
from textdl.errors import InputError
from textdl.tensors import open_tensors, save_tensors


def test_arrays_come_back_mapped_and_as_safetensors_reads_them(tmp_path):
    arrays = {
        "a": np.arange(12, dtype=np.float32).reshape(3, 4),
        "b": np.zeros((0, 5), np.int64),
        "c": np.array([1, 2, 3], np.uint8),
    }
    save_tensors(tmp_path / "x", arrays, {"key": "välue"})
    opened, metadata = open_tensors(tmp_path / "x")
    assert metadata == {"key": "välue"}
    reference = load_file(tmp_path / "x")
    for name, array in arrays.items():
        assert opened[name].dtype == array.dtype
        np.testing.assert_array_equal(opened[name], array)
        np.testing.assert_array_equal(opened[name], reference[name])
    assert not opened["a"].flags.writeable


def _file(header, data=b"\0" * 16):
    text = json.dumps(header).encode() if not isinstance(header, bytes) else header
    return len(text).to_bytes(8, "little") + text + data


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff" * 8,
        _file(b"nonsense"),
        _file([1, 2]),
        _file({"a": 3}),
        _file({"a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 17]}}),
        _file({"a": {"dtype": "F32", "shape": [5], "data_offsets": [0, 20]}}),
        _file({"a": {"dtype": "F32", "shape": [10**12, 10**12], "data_offsets": [0, 16]}}),
        _file({"a": {"dtype": "F32", "shape": [-2, -2], "data_offsets": [0, 16]}}),
        _file({"a": {"dtype": "F32", "shape": [4], "data_offsets": [-16, 0]}}),
        _file({"a": {"dtype": "object", "shape": [4], "data_offsets": [0, 16]}}),
    ],
)
def test_files_that_are_no_safetensors(tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(InputError, match="x: not a complete safetensors file"):
        open_tensors(tmp_path / "x")


def test_an_npy_file_that_grows(tmp_path):
    with NpyWriter(tmp_path / "x.npy", np.int32) as writer:
        for size in (3, 0, 100_000):
            writer.append(np.arange(size))
    expected = np.concatenate([np.arange(3), np.arange(100_000)])
    found = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert found.dtype == np.int32
    np.testing.assert_array_equal(found, expected)
