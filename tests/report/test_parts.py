from textdl.report.exporting import write_tables
from textdl.report.page import Section
from textdl.report.parts import Map, Table

TABLE = Table(
    "Scores",
    ["", "of, what", "F_1"],
    [["a|b", "50% & more", "0.5 ± 0.1"], ["c", 'say "x"', "1,000"]],
    numeric=True,
    faint=frozenset({(1, 2)}),
)


def test_columns_of_numbers_are_on_the_right():
    assert TABLE.right == [False, False, True]
    assert Table("", ["", "text"], [["1", "x"]], numeric=True).right == [False, False]
    assert Table("", ["", "n"], [["1", "2"]]).right == [False, False]
    assert Table("", ["", "n"], []).right == [False, False]


def test_only_numbers_stay_in_one_line():
    cells = ["0.5 ± 0.1", "1,000", "≥ 12", "-1e-05", "50.0% of 20", "3.10 s", "3, 4, 5", "2 words"]
    table = Table("", ["", "n"], [["0", cell] for cell in cells], numeric=True)
    kept = [i for i in range(len(cells)) if table.classes(i, 1) == "right number"]
    assert kept == [0, 1, 2, 3, 4, 5]
    assert table.classes(6, 1) == "right"


def test_csv():
    assert TABLE.csv() == ',"of, what",F_1\na|b,50% & more,0.5 ± 0.1\nc,"say ""x""","1,000"\n'


def test_markdown():
    assert TABLE.markdown().splitlines() == [
        "|  | of, what | F\\_1 |",
        "| --- | --- | ---: |",
        "| a\\|b | 50% \\& more | 0.5 ± 0.1 |",
        '| c | say "x" | *1,000* |',
    ]


def test_latex():
    text = TABLE.latex()
    assert text.startswith("\\begin{tabular}{llr}\n\\toprule\n & of, what & F\\_1 \\\\\n")
    assert "a|b & 50\\% \\& more & 0.5 $\\pm$ 0.1 \\\\\n" in text
    odd = Table("", ["x"], [["\\a{b}~^<"]]).latex()
    assert "\\textbackslash{}a\\{b\\}\\textasciitilde{}\\textasciicircum{}\\textless{} " in odd


def test_what_latex_would_read_as_its_own_stays_text():
    lines = Table("", ["[a]", "*"], [["[unk]", "--set x"], ["*", "---"], ["–", "''"]]).latex()
    assert lines.splitlines()[2:7] == [
        r"{[}a] & {*} \\",
        r"\midrule",
        r"{[}unk] & -{}-set x \\",
        r"{*} & -{}-{}- \\",
        r"\textendash{} & '{}' \\",
    ]


def test_what_markdown_would_read_as_its_own_stays_text():
    table = Table("", ["x"], [["&lt;b&gt; ~~not~~"]])
    assert table.markdown().splitlines()[2] == r"| \&lt;b\&gt; \~\~not\~\~ |"


def test_tables_become_files_with_names_of_their_own(tmp_path):
    section = Section("Of it all", [], [TABLE, TABLE])
    written = write_tables([section, section], tmp_path / "new")
    assert len(set(written)) == 12
    assert (tmp_path / "new" / "of-it-all-scores.csv").read_text("utf-8") == TABLE.csv()
    assert (tmp_path / "new" / "of-it-all-scores-4.tex").read_text("utf-8") == TABLE.latex()


def test_a_map_can_not_end_its_script():
    assert "</" not in Map({"word": "</script>"}, "").script
