import io

from textdl import display
from textdl.display import Bars, Lines, describe
from textdl.pipeline.events import seconds_text


class Clock:
    def __init__(self):
        self.now = 100.0

    def monotonic(self):
        return self.now


def progress(stage, done, total, **facts):
    return {
        "event": "progress", "time": 0.0, "stage": stage, "done": done, "total": total,
        "unit": "words", "facts": facts,
    }  # fmt: skip


def test_lines_come_every_few_seconds(monkeypatch):
    clock, output = Clock(), io.StringIO()
    monkeypatch.setattr(display.time, "monotonic", clock.monotonic)
    lines = Lines(output, every=5)
    for second in range(12):
        clock.now = 100 + second
        lines.show(progress("train", 10 * second, 1000, loss=0.5))
    assert output.getvalue().splitlines() == [
        "  train:   5% of 1,000 words, 10 words/s, 1 min 35 s left, loss 0.5",
        "  train:  10% of 1,000 words, 10 words/s, 1 min 30 s left, loss 0.5",
    ]


def test_the_speed_of_a_resumed_stage_counts_from_where_it_went_on(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(display.time, "monotonic", clock.monotonic)
    rate = display._Rate()
    rate.see(900)
    clock.now += 10
    rate.see(950)
    assert rate.per_second() == 5
    assert describe(progress("train", 950, 1000), rate, short=True) == " 95%, 5 words/s, 10 s left"


def test_durations():
    seconds = (0.314, 42, 200, 7500)
    assert [seconds_text(s) for s in seconds] == ["0.31 s", "42 s", "3 min 20 s", "2 h 5 min"]


def test_bars_fit_a_terminal_of_80_columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    clock = Clock()
    monkeypatch.setattr(display.time, "monotonic", clock.monotonic)
    with Bars() as bars:
        bars.show(progress("skipgram", 0, 9_000_000, loss=2.2))
        clock.now += 1
        bars.show(progress("skipgram", 3_000_000, 9_000_000, loss=2.2))
        with bars._progress.console.capture() as shown:
            bars._progress.refresh()
            bars._progress.console.print(bars._progress.get_renderable())
    line = shown.get().splitlines()[-1].rstrip()
    assert line.startswith("  skipgram ━")
    assert line.endswith(" 33%, 3,000,000 words/s, 2.00 s left, loss 2.2")
    assert len(line) <= 80
    assert line.count("━") + line.count("╸") == 7  # a third of twenty
