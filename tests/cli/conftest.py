import pytest

from textdl.cli import run_command

PIPELINE = """
[reviews]
dataset = "{dataset}"

[tokens]
inputs = {{ documents = "reviews" }}
min_count = 1

[skipgram]
inputs = {{ corpus = "tokens" }}
dim = 8
epochs = 1

[textcnn]
inputs = {{ corpus = "tokens", vectors = "skipgram" }}
maps = 4
epochs = 1

[evaluation]
inputs = {{ corpus = "tokens", model = "textcnn" }}

[report]
inputs = {{ corpus = "tokens", vectors = "skipgram", model = "textcnn", evaluation = "evaluation" }}
"""


class Shell:
    """A folder with a pipeline file, and textdl called in it."""

    def __init__(self, folder, capsys):
        self.folder, self._capsys = folder, capsys

    def pipeline(self, dataset, text=PIPELINE):
        (self.folder / "job.toml").write_text(text.format(dataset=dataset))

    def table(self, name, *, train=40, test=10):
        """Reviews as ``name/train.tsv`` and ``name/test.tsv``; the word tells the label."""
        (self.folder / name).mkdir()
        for split, size in (("train", train), ("test", test)):
            rows = [f"this is {['bad', 'good'][i % 2]} number {i}\t{i % 2}" for i in range(size)]
            (self.folder / name / f"{split}.tsv").write_text(
                "text\tlabel\n" + "\n".join(rows) + "\n"
            )

    def __call__(self, *arguments):
        """The exit code, the output and the errors of a command."""
        code = run_command([str(argument) for argument in arguments])
        captured = self._capsys.readouterr()
        assert "Traceback" not in captured.err
        return code, captured.out, captured.err


@pytest.fixture
def shell(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TEXTDL_HOME", str(tmp_path / "home"))
    return Shell(tmp_path, capsys)
