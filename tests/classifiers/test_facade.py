import subprocess
import sys

import pytest

import textdl.classifiers


def test_importing_the_facade_imports_no_torch():
    code = "import sys, textdl.classifiers; assert not {'torch', 'sklearn'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_name_is_there():
    for name in textdl.classifiers.__all__:
        assert getattr(textdl.classifiers, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'svm'"):
        _ = textdl.classifiers.svm
