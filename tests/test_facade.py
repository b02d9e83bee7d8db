import pytest

import textdl


def test_every_public_name_is_there():
    for name in textdl.__all__:
        assert getattr(textdl, name).__name__ == name
    assert set(textdl.__all__) <= set(dir(textdl))
    with pytest.raises(AttributeError, match="no attribute 'train_skipgrams'"):
        _ = textdl.train_skipgrams
