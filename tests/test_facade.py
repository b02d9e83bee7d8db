import subprocess
import sys

import pytest

import textdl


def test_every_public_name_is_there():
    for name in textdl.__all__:
        assert getattr(textdl, name).__name__ == name
    assert set(textdl.__all__) <= set(dir(textdl))
    with pytest.raises(AttributeError, match="no attribute 'train_skipgrams'"):
        _ = textdl.train_skipgrams


def test_importing_imports_neither_pydantic_nor_torch():
    code = """
import sys
import textdl.embeddings, textdl.classifiers, textdl.vectors
import textdl.stages.skipgram, textdl.stages.textcnn
sys.exit(", ".join({"pydantic", "torch"} & sys.modules.keys()) or 0)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
