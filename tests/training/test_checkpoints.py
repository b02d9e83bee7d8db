import pytest
import torch
from training.toy_networks import Notes, make_network, make_task

from textdl.errors import InputError
from textdl.training.loop import fit

SETTINGS = {"lr": 0.02, "patience": 9, "seed": 1, "device": "cpu"}


def run(folder, *, epochs=4, **changes):
    network, notes = make_network(), Notes()
    history = fit(
        network,
        make_task(200, 1, batch_size=16),
        make_task(60, 2),
        **{**SETTINGS, "epochs": epochs, "checkpoints": folder, "progress": notes, **changes},
    )
    return network.state_dict(), history, notes.notes


def same(one, two):
    return all(torch.equal(one[name], two[name]) for name in one)


@pytest.mark.parametrize("stop", [1, 2, 3, 4])
def test_going_on_is_as_good_as_never_stopping(tmp_path, stop):
    weights, history, _ = run(None)
    run(tmp_path, epochs=stop)
    resumed, resumed_history, notes = run(tmp_path)
    assert same(weights, resumed)
    assert history == resumed_history
    assert notes[0] == f"resuming from the checkpoint after epoch {stop} of 4"


def test_the_best_weights_survive_worse_epochs(tmp_path):
    # A step size this large makes accuracy jump about.
    weights, history, _ = run(None, epochs=8, lr=1.0)
    assert history.best < 7
    run(tmp_path, epochs=7, lr=1.0)
    resumed, _, _ = run(tmp_path, epochs=8, lr=1.0)
    assert same(weights, resumed)


@pytest.mark.parametrize("damage", ["truncated", "flipped", "empty", "no safetensors"])
def test_a_damaged_checkpoint_is_ignored(tmp_path, damage):
    weights, _, _ = run(tmp_path)
    path = tmp_path / "checkpoint.safetensors"
    content = bytearray(path.read_bytes())
    if damage == "truncated":
        del content[len(content) // 2 :]
    elif damage == "flipped":
        content[-100] ^= 1
    else:
        content = b"" if damage == "empty" else b"PK\x03\x04" * 100
    path.write_bytes(content)
    again, _, notes = run(tmp_path)
    assert "damaged checkpoint" in notes[0]
    assert same(weights, again)
    assert run(tmp_path)[2][0].startswith("resuming")


@pytest.mark.parametrize("change", [{"lr": 0.03}, {"seed": 2}])
def test_a_checkpoint_of_another_run_is_refused_and_kept(tmp_path, change):
    run(tmp_path)
    before = (tmp_path / "checkpoint.safetensors").read_bytes()
    with pytest.raises(InputError, match=r"checkpoint\.safetensors: written by a training with"):
        run(tmp_path, **change)
    assert (tmp_path / "checkpoint.safetensors").read_bytes() == before


@pytest.mark.parametrize("change", [{"epochs": 2}, {"patience": 1, "lr": 1.0}])
def test_a_checkpoint_of_a_longer_run_is_refused_and_kept(tmp_path, change):
    _, whole, _ = run(tmp_path, **{**change, "epochs": 6, "patience": 9})
    before = (tmp_path / "checkpoint.safetensors").read_bytes()
    _, short, _ = run(None, **{"epochs": 6, **change})
    assert len(whole) == 6 > len(short)
    message = rf"written after epoch 6, .* training ends after epoch {len(short)}\. Give"
    with pytest.raises(InputError, match=message):
        run(tmp_path, **{"epochs": 6, **change})
    assert (tmp_path / "checkpoint.safetensors").read_bytes() == before
    assert run(tmp_path, **{**change, "epochs": 6, "patience": 9})[1] == whole


def test_a_crash_while_writing_leaves_the_checkpoint_before(tmp_path, monkeypatch):
    weights, _, _ = run(None)
    run(tmp_path, epochs=2)
    monkeypatch.setattr("os.fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path)
    monkeypatch.undo()
    resumed, _, notes = run(tmp_path)
    assert notes[0] == "resuming from the checkpoint after epoch 2 of 4"
    assert same(weights, resumed)


def interrupt(path):
    raise KeyboardInterrupt
