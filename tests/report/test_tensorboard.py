import sys

import pytest

from textdl.errors import InputError
from textdl.report.results import Results
from textdl.report.tensorboard import write_tensorboard


def test_scalars_and_vectors_can_be_read(toy, tmp_path):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    results = Results(*toy)
    assert write_tensorboard(results, tmp_path) == ["textcnn", "skipgram"]
    found = accumulator.EventAccumulator(str(tmp_path / "textcnn")).Reload()
    history = results.load("textcnn").history
    read = [(e.step, e.value) for e in found.Scalars("accuracy/validation")]
    assert read == [(i, pytest.approx(e.validation_accuracy)) for i, e in enumerate(history, 1)]
    losses = accumulator.EventAccumulator(str(tmp_path / "skipgram")).Reload()
    assert [e.value for e in losses.Scalars("loss/training")] == [3.0, 2.0]
    (words,) = (tmp_path / "skipgram").rglob("metadata.tsv")
    assert words.read_text("utf-8").split() == list(results.load("skipgram").words)
    rows = next((tmp_path / "skipgram").rglob("tensors.tsv")).read_text().splitlines()
    assert len(rows) == len(results.load("skipgram"))
    assert (tmp_path / "skipgram" / "projector_config.pbtxt").is_file()


def test_a_second_time_takes_the_place_of_the_first(toy, tmp_path):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    results = Results(*toy)
    other = tmp_path / "of another"
    other.mkdir()
    for _ in range(2):
        assert write_tensorboard(results, tmp_path) == ["textcnn", "skipgram"]
    losses = accumulator.EventAccumulator(str(tmp_path / "skipgram")).Reload()
    assert [(e.step, e.value) for e in losses.Scalars("loss/training")] == [(1, 3.0), (2, 2.0)]
    config = (tmp_path / "skipgram" / "projector_config.pbtxt").read_text("utf-8")
    assert config.count("embeddings {") == 1
    assert other.is_dir()


@pytest.mark.parametrize("name", ["events.out.tfevents.1.host", "notes.txt", "tensors.tsv"])
def test_what_others_wrote_stays(toy, tmp_path, name):
    pytest.importorskip("tensorboard")
    path = tmp_path / "textcnn" / name
    path.parent.mkdir()
    path.write_text("theirs", "utf-8")
    with pytest.raises(InputError, match=rf"textcnn holds {name}, which textdl didn't write"):
        write_tensorboard(Results(*toy), tmp_path)
    assert path.read_text("utf-8") == "theirs"


def test_what_is_missing_is_told(toy, tmp_path, monkeypatch):
    record, folder_of = toy
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(InputError, match=r"pip install 'textdl\[tensorboard\]'"):
        write_tensorboard(Results(record, folder_of), tmp_path)
    record["stages"] = {"tokens": record["stages"]["tokens"]}
    with pytest.raises(InputError, match="no training and no word vectors"):
        write_tensorboard(Results(record, folder_of), tmp_path)
