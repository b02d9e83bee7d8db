"""The Hub's client reads its address from the environment, so it runs in a process of its own."""

import io
import json
import os
import subprocess
import sys
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"

CARD = """---
dataset_info:
  config_name: plain_text
  features:
  - name: text
    dtype: string
  - name: label
    dtype:
      class_label:
        names:
          '0': neg
          '1': pos
  splits:
  - name: train
    num_bytes: 48
    num_examples: 2
  - name: unsupervised
    num_bytes: 24
    num_examples: 1
  download_size: 100
  dataset_size: 72
configs:
- config_name: plain_text
  data_files:
  - split: train
    path: plain_text/train-*
  - split: unsupervised
    path: plain_text/unsupervised-*
---
"""

PROGRAM = """
import json, sys
from textdl.errors import InputError
from textdl.text.sources import hub, read_documents
hub.TIMEOUT = float(sys.argv[2])
for dataset, settings in json.loads(sys.argv[3]):
    try:
        found = read_documents(dataset, sys.argv[1], **settings)
        answer = [list(found.texts), found.labels.tolist(), found.label_names, found.info]
    except InputError as error:
        answer = str(error)
    print(json.dumps(answer))
"""


def parquet(texts, labels):
    buffer = io.BytesIO()
    pq.write_table(pa.table({"text": texts, "label": labels}), buffer)
    return buffer.getvalue()


@pytest.fixture
def files():
    return {
        "README.md": CARD.encode(),
        "plain_text/train-00000-of-00001.parquet": parquet(["bad film", "good film"], [0, 1]),
        "plain_text/unsupervised-00000-of-00001.parquet": parquet(["a film"], [-1]),
    }


@pytest.fixture
def read(tmp_path):
    """Reads datasets one after the other; returns what each holds, or the error's message."""

    def run(address, *datasets, offline=False, timeout=10):
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("HF_")},
            "HF_ENDPOINT": address,
            "HF_HOME": str(tmp_path / "hf"),
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "NO_PROXY": "127.0.0.1",
            **({"HF_HUB_OFFLINE": "1"} if offline else {}),
        }
        command = [sys.executable, "-W", "error", "-c", PROGRAM]
        command += [str(tmp_path / "out"), str(timeout), json.dumps(datasets)]
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False
        )
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return run


def test_a_dataset_of_the_hub(fake_hub, read, files):
    datasets = {"stanfordnlp/imdb": files, "owner/secret": files}
    with fake_hub(datasets, gated="owner/secret") as (address, log):
        whole, pinned, config, revision, missing, gated = read(
            address,
            ["stanfordnlp/imdb", {}],
            [
                "stanfordnlp/imdb",
                {"revision": COMMIT, "config": "plain_text", "splits": ["unsup"]},
            ],
            ["stanfordnlp/imdb", {"config": "none"}],
            ["stanfordnlp/imdb", {"revision": "v9"}],
            ["owner/none", {}],
            ["owner/secret", {}],
        )
    assert whole[:3] == [["bad film", "good film", "a film"], [0, 1, -1], ["neg", "pos"]]
    assert whole[3] == {
        "source": "hub",
        "dataset": "stanfordnlp/imdb",
        "config": None,
        "commit": COMMIT,
        "text_column": "text",
        "label_column": "label",
    }
    assert pinned[:3] == [["a film"], [-1], ["neg", "pos"]]
    assert f"GET /api/datasets/stanfordnlp/imdb/revision/{COMMIT}" in log
    assert "can't be read (BuilderConfig 'none' not found" in config
    assert "no revision 'v9'" in revision
    assert "there is no dataset 'owner/none' on the Hugging Face Hub" in missing
    assert "'owner/secret' is gated" in gated
    assert "https://huggingface.co/datasets/owner/secret" in gated

    offline, other = read(address, ["stanfordnlp/imdb", {}], ["owner/other", {}], offline=True)
    assert offline[:3] == whole[:3]
    assert offline[3]["commit"] is None
    assert "'owner/other' is not in the cache of downloaded datasets" in other
    assert "local copy" in other


def test_out_of_reach(read):
    begin = time.monotonic()
    [message] = read("http://127.0.0.1:9", ["stanfordnlp/imdb", {}])
    assert "the Hugging Face Hub can't be reached" in message
    assert "local copy" in message
    assert time.monotonic() - begin < 20


def test_a_hub_that_never_answers(fake_hub, read):
    begin = time.monotonic()
    with fake_hub({}, silent=True) as (address, _):
        [message] = read(address, ["stanfordnlp/imdb", {}], timeout=1)
    assert "can't be reached" in message
    assert time.monotonic() - begin < 20
