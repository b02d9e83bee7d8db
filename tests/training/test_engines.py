import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from training.toy_networks import make_network, make_task

from textdl.errors import InputError
from textdl.training.loop import fit
from textdl.training.recipe import Recipe


def train(**settings):
    network = make_network()
    network.dropout.p = 0.0
    recipe = Recipe(**{"lr": 0.02, "epochs": 3, "patience": 3, **settings})
    training, validation = make_task(200, 1, batch_size=16), make_task(60, 2)
    return network, fit(network, training, validation, recipe=recipe, device="cpu")


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_half_precision_learns_and_keeps_float32_weights(precision):
    network, history = train(precision=precision)
    full, _ = train()
    assert history[-1].validation_accuracy > 0.9
    assert network.output.weight.dtype == torch.float32
    assert not torch.equal(network.output.weight, full.output.weight)
    torch.testing.assert_close(network.output.weight, full.output.weight, atol=0.05, rtol=0)


def test_several_processes_without_accelerate(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setitem(sys.modules, "accelerate", None)
    with pytest.raises(InputError, match="needs accelerate: pip install accelerate"):
        train()


@pytest.mark.slow
@pytest.mark.skipif(not find_spec("accelerate"), reason="accelerate is not installed")
def test_two_processes_are_one_process(tmp_path):
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", __file__]
    tests = str(Path(__file__).parents[1])
    paths = os.pathsep.join([tests, *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    subprocess.run([*command, str(tmp_path)], env=environment, check=True, timeout=120)
    network, history = train(optimizer="sgd", lr=0.5)
    for rank in range(2):
        other = json.loads((tmp_path / f"{rank}.json").read_text())
        assert other["weight"] == pytest.approx(network.output.weight.flatten().tolist(), abs=1e-5)
        assert other["accuracy"] == [epoch.validation_accuracy for epoch in history]


if __name__ == "__main__":
    trained, epochs = train(optimizer="sgd", lr=0.5)
    found = {
        "weight": trained.output.weight.flatten().tolist(),
        "accuracy": [epoch.validation_accuracy for epoch in epochs],
    }
    Path(sys.argv[1], f"{os.environ['RANK']}.json").write_text(json.dumps(found))
