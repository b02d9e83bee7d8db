import pytest

from textdl.errors import InputError
from textdl.vectors.evaluation.files import (
    evaluation_file,
    holds_analogies,
    parts_of,
    read_pairs,
    read_questions,
)

PAIRS = {
    "wordsim.tsv": "# a comment\nWord 1\tWord 2\tHuman (mean)\nlove\tsex\t6.77\ntiger\tcat\t7.35\n",
    "wordsim.csv": "Word 1,Word 2,Human (mean)\r\nlove,sex,6.77\r\ntiger,cat,7.35\r\n",
    "simlex.txt": "word1\tword2\tPOS\tSimLex999\tconc(w1)\nlove\tsex\tA\t6.77\t2.7\n"
    "tiger\tcat\tN\t7.35\t3\n",
    "simverb.txt": "love\tsex\tV\t6.77\tNONE\ntiger\tcat\tV\t7.35\tSYNONYMS\n",
    "men.txt": "love-n sex-v 6.770000\ntiger-n cat-j 7.35\n",
    "plain_men": "love sex 6.770000\ntiger cat 7.35\n",
    "rw.txt": "love\tsex\t6.77\t10\t9\t0\ntiger\tcat\t7.35\t1\t2\t3\n",
    "rg65.csv": "love;sex;6.77\ntiger;cat;7.35\n",
}


@pytest.mark.parametrize("name", PAIRS)
def test_layouts_of_pairs(tmp_path, name):
    (tmp_path / name).write_text(PAIRS[name], newline="")
    assert read_pairs(tmp_path / name) == [("love", "sex", 6.77), ("tiger", "cat", 7.35)]
    assert not holds_analogies(tmp_path / name)


@pytest.mark.parametrize(
    ("text", "line"), [("a\tb\n", 1), ("# words\na\tb\t1\nc\td\tx\n", 3), ("a\tb\t1\nc\t\t1\n", 2),
                       ("x\ty\tz\na\tb\tinf\n", 2), ("a b 1\nc 2\n", 2)]
)  # fmt: skip
def test_bad_pairs_name_the_line(tmp_path, text, line):
    (tmp_path / "pairs.tsv").write_text(text)
    with pytest.raises(InputError, match=f"pairs.tsv, line {line}: expected two words"):
        read_pairs(tmp_path / "pairs.tsv")


def test_questions_in_sections_and_without(tmp_path):
    file = tmp_path / "some.txt"
    file.write_text("a b c d\n: family\nBoy girl man woman\n\n: gram1\na b c d\n")
    assert read_questions(file) == [
        ("some", ("a", "b", "c", "d")),
        ("family", ("Boy", "girl", "man", "woman")),
        ("gram1", ("a", "b", "c", "d")),
    ]
    assert holds_analogies(file)


def test_msr_in_one_file_and_in_two(tmp_path):
    expected = [
        ("JJ_JJR", ("good", "better", "rough", "rougher")),
        ("NN_NNS", ("cat", "cats", "dog", "dogs")),
    ]
    one = tmp_path / "msr.txt"
    one.write_text("JJ_JJR good better rough rougher\ncat cats dog dogs NN_NNS\n")
    assert read_questions(one) == expected
    two = tmp_path / "word_relationship.questions"
    two.write_text("good better rough\ncat cats dog\n")
    answers = two.with_suffix(".answers")
    answers.write_text("JJ_JJR rougher\nNN_NNS dogs\n")
    assert read_questions(two) == expected
    assert parts_of(two) == [two, answers]
    assert holds_analogies(one)
    assert holds_analogies(two)
    answers.write_text("JJ_JJR rougher\n")
    with pytest.raises(InputError, match=r"answers, at the end: expected a tag and a word"):
        read_questions(two)
    answers.write_text("JJ_JJR\nNN_NNS dogs\n")
    with pytest.raises(InputError, match=r"answers, line 1: expected a tag and a word"):
        read_questions(two)


def test_bats_crosses_the_pairs_of_a_file(tmp_path):
    for folder, name, text in (
        ("1_Inflectional", "I01", "cat\tcats\ndog\tdogs/hounds\nox oxen\n"),
        ("3_Encyclopedic", "E01", "athens\tgreece\nnew york\tunited states/usa\n"),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{name}.txt").write_text(text)
    (tmp_path / "readme.txt").write_text("not this")
    questions = read_questions(tmp_path)
    assert len(questions) == 3 * 2 + 2 * 1
    assert questions[0] == ("1_Inflectional/I01", ("cat", "cats", "dog", "dogs", "hounds"))
    assert questions[2] == ("1_Inflectional/I01", ("dog", "dogs", "cat", "cats"))
    assert questions[-1][1] == ("new york", "united states", "athens", "greece")
    assert holds_analogies(tmp_path)
    (tmp_path / "1_Inflectional" / "I01.txt").write_text("cat\tcats\ndog\n")
    with pytest.raises(InputError, match=r"I01\.txt, line 2: expected a word and answer"):
        read_questions(tmp_path)


@pytest.mark.parametrize(
    ("text", "line"), [(": s\na b\n", 2), ("a b c d e\n", 1), ("a b c d\na\tb\t1\n", 2)]
)
def test_bad_questions_name_the_line(tmp_path, text, line):
    (tmp_path / "q.txt").write_text(text)
    with pytest.raises(InputError, match=rf"q\.txt, line {line}: expected four words"):
        read_questions(tmp_path / "q.txt")


def test_missing_empty_and_unreadable_files(tmp_path):
    with pytest.raises(InputError, match="wordsim353"):
        evaluation_file("wordsim354")
    (tmp_path / "empty").touch()
    with pytest.raises(InputError, match="no pairs"):
        read_pairs(tmp_path / "empty")
    with pytest.raises(InputError, match="no questions"):
        read_questions(tmp_path / "empty")
    with pytest.raises(InputError, match="cannot be read"):
        read_pairs(tmp_path)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not UTF-8"):
        read_questions(tmp_path / "binary")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="no questions"):
        read_questions(tmp_path / "folder")
