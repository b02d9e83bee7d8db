import pytest
from report.toy_run import make_results, write_run


@pytest.fixture(scope="session")
def results():
    return make_results()


@pytest.fixture
def toy(results, tmp_path):
    """The record of a run, and where its results are."""
    folder = tmp_path / "objects"
    folder.mkdir()
    return write_run(folder, results), lambda digest: folder / digest
