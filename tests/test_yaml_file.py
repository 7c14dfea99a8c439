"""YAML 1.2 by schema, lines of values, and what is refused."""

from __future__ import annotations

import pytest

from lib import yaml_file
from lib.errors import InputError
from lib.nearest import nearest


def test_traps_of_older_yaml_stay_what_they_were_written_as():
    text = "a: NO\nb: ON\nc: 1e3\nd: 010\ne: 12:30:00\nf: 2020-13-01\ng: '7'\nh: ~\ni: yes\nj: .5\nk: true"
    data = yaml_file.document(yaml_file.parse(text, "p.yaml")).data
    assert data == {
        "a": "NO",
        "b": "ON",
        "c": 1000.0,
        "d": 10,
        "e": "12:30:00",
        "f": "2020-13-01",
        "g": "7",
        "h": None,
        "i": "yes",
        "j": 0.5,
        "k": True,
    }
    assert isinstance(data["c"], float)


@pytest.mark.parametrize("text", ["9" * 5000, "-" + "9" * 400])
def test_an_endless_whole_number_stays_the_text_that_it_is(text):
    assert yaml_file.scalar(text) == text
    assert yaml_file.scalar("9" * 300) == int("9" * 300)


def test_every_value_knows_its_line():
    document = yaml_file.document(yaml_file.parse("a: 1\nb:\n  - {c: 2}\n  - {c: 3}\n", "p.yaml"))
    assert document.line("b", 1, "c") == 4
    assert document.line("b", 1, "missing") == 4


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: &x 1\nb: *x\n", 1, "anchors"),
        ("a: 1\na: 2\n", 2, "twice"),
        ("a: !!python/object:os.system x\n", 1, "tag"),
        ("a: [1, 2\nb: 3\n", 2, "not valid YAML"),
        ("- a\n- b\n", 1, "mapping"),
        ("a: 1\n---\nb: 2\n", None, "more than one document"),
        ("", None, "empty"),
        ("? [a, b]\n: 1\n", 1, "key must be text"),
        ("a: 1\nb: " + "[" * 21 + "]" * 21, 2, "nested too deeply"),
        ("a: 1\nb: " + "[" * 400_000, 2, "nested too deeply"),
        ("a: [" + "1," * 60_000 + "]", 1, "more than 50,000 keys and values"),
    ],
)
def test_surprises_are_refused_with_their_line(text, line, words):
    with pytest.raises(InputError) as fault:
        yaml_file.document(yaml_file.parse(text, "p.yaml"))
    assert fault.value.line == line
    assert words in str(fault.value)


def test_an_alias_bomb_is_refused_before_it_grows():
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    with pytest.raises(InputError, match="anchors and aliases"):
        yaml_file.document(yaml_file.parse("\n".join(rows), "p.yaml"))


def test_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(InputError, match=r"p\.yaml: no such file"):
        yaml_file.read(tmp_path / "p.yaml", "p.yaml")
    (tmp_path / "p.yaml").write_bytes(b"a: 1\nb: \xff\n")
    with pytest.raises(InputError, match=r"p\.yaml:2: not UTF-8"):
        yaml_file.read(tmp_path / "p.yaml", "p.yaml")
    (tmp_path / "p.yaml").write_bytes(b"a: " + b"x" * 1_100_000)
    with pytest.raises(InputError, match="keep the file within 1 MB"):
        yaml_file.read(tmp_path / "p.yaml", "p.yaml")


def test_a_value_stands_at_its_key_and_says_what_it_is_not():
    top = yaml_file.parse("a:\n  - 1\n  - b: '2'\n", "p.yaml")
    assert (top.mapping()["a"].line, top.mapping()["a"].field) == (1, "a")
    inner = top.mapping()["a"].items()[1].mapping()["b"]
    assert (inner.line, inner.field, inner.text()) == (3, "a[1].b", "2")
    for ask, words in [
        ("number", "'2', no number"),
        ("truth", "'2'"),
        ("day", "'2'"),
        ("items", "give a list"),
    ]:
        with pytest.raises(InputError, match=r"^p\.yaml:3: a\[1\]\.b: found .*") as fault:
            getattr(inner, ask)()
        assert words in str(fault.value)


def test_an_empty_file_is_told_how_to_begin():
    with pytest.raises(InputError, match=r"see params/sample\.yaml for an example"):
        yaml_file.parse("# nothing", "p.yaml", example="params/sample.yaml")


@pytest.mark.parametrize(("given", "hint"), [("seeed", "did you mean `seed`?"), (7, ""), ("zzz", "")])
def test_the_nearest_name_is_offered_only_when_it_is_near(given, hint):
    assert nearest(given, ["seed", "name"]) == hint
