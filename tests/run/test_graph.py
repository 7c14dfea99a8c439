"""Bad graphs are refused with the names of what is wrong; a good one has one order and one picture."""

import pytest

from lib.contracts import Column, Prepare, Stage, Table
from lib.errors import GraphError, StageError
from lib.run.planning.graph import border, check_graph, print_pipeline
from lib.stages import Pipeline
from lib.subjects import KINDS, TYPES, Field, Kind

TABLES = {name: Table(name, "", ()) for name in ("raw_a", "raw_b", "a", "b", "c", "d")}


def stage(name, reads=(), writes=(), **more):
    return Stage(name, "?", tuple(reads), tuple(writes), **more)


def hook(section="data", makes=("raw_a",), folder=""):
    return Prepare("lib.a:prepare", section, folder or section, makes, "lib.a:PROVIDERS")


FIRST = stage("one/first", ["raw_a"], ["a"], prepare=hook())
SECOND = stage("one/second", ["a"], ["b"], per="portfolio")
THIRD = stage("two/third", ["a", "b"], ["c"], per="portfolio", states=("c",))
GOOD = Pipeline(FIRST, SECOND, THIRD)


@pytest.fixture
def root(tmp_path):
    """A folder with a notebook for every stage named here."""
    for name in ("one/first", "one/second", "two/third"):
        path = tmp_path / "notebooks" / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def fault(root, *pipeline):
    with pytest.raises(GraphError) as caught:
        check_graph(Pipeline(*pipeline), root, TABLES)
    return str(caught.value)


def test_a_good_graph_passes(root):
    check_graph(GOOD, root, TABLES)


def test_a_cycle_is_refused_and_named(root):
    first = stage("one/first", ["b"], ["a"])
    second = stage("one/second", ["a"], ["b"])
    assert "one/first -> one/second -> one/first" in fault(root, first, second)


def test_a_stage_that_reads_what_it_writes_is_a_cycle(root):
    assert "cycle" in fault(root, stage("one/first", ["a"], ["a"]))


def test_two_writers_are_refused(root):
    assert "two writers of the table a: one/first and one/second" in fault(
        root, FIRST, stage("one/second", [], ["a"])
    )


def test_a_read_that_nobody_writes_is_refused(root):
    assert "one/second reads d, which no stage writes" in fault(root, FIRST, stage("one/second", ["d"]))


def test_a_stage_without_its_notebook_is_refused(root):
    assert "notebooks/one/lost.ipynb is missing" in fault(root, stage("one/lost", ["raw_a"]))


@pytest.mark.parametrize("row", [stage("one/first", ["raw_z"]), stage("one/first", [], ["z"])])
def test_a_table_that_is_not_declared_is_refused(root, row):
    assert "which lib/tables does not declare" in fault(root, row)


def test_a_stage_of_the_whole_run_may_read_a_table_of_every_subject(root):
    whole = stage("two/third", ["b"], ["c"])
    check_graph(Pipeline(FIRST, SECOND, whole), root, TABLES)
    led = {**TABLES, "b": Table("b", "", (Column("portfolio", "str", "whose"),))}
    with pytest.raises(GraphError, match="b of every portfolio, and the table has a column portfolio"):
        check_graph(Pipeline(FIRST, SECOND, whole), root, led)


def test_a_stage_of_one_kind_may_not_read_what_each_of_another_has(root):
    other = stage("two/third", ["b"], ["c"], per="basket")
    found = fault(root, FIRST, SECOND, other)
    assert "two/third runs for each basket, which lib/subjects.py does not declare" in found
    assert "two/third runs for each basket and reads b, of which each portfolio has one" in found


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"histories": ("b",)}, "reads the history b, which no stage continues"),
        ({"histories": ("d",)}, "reads the history d, which no stage continues"),
        ({"histories": ("c",), "states": ("c",)}, "two/third continues c itself; take it off its histories"),
        ({"repeats": ("one/lost",)}, "two/third repeats one/lost, which is no other stage"),
        ({"repeats": ("two/third",)}, "two/third repeats two/third, which is no other stage"),
        ({"repeats": ("one/second",), "per": None}, "one/second, which has settings for each portfolio"),
        ({"front": "data"}, "two/third has front='data'; `subject` where it runs for each"),
    ],
)
def test_what_a_row_says_of_other_stages_must_be_so(root, more, words):
    assert words in fault(
        root, FIRST, SECOND, stage("two/third", ["a"], ["c"], **{"per": "portfolio", **more})
    )


def test_one_stage_leads_the_part_of_each_subject(root):
    rows = [
        stage(name, ["a"], [out], per="portfolio", front="subject")
        for name, out in (("one/second", "b"), ("two/third", "c"))
    ]
    assert "two stages lead the part of each portfolio: one/second and two/third" in fault(root, FIRST, *rows)


def test_kinds_that_contradict_themselves_are_refused(root):
    wrong = Kind(
        "basket",
        "portfolios",
        (Field("id", "text", ""), Field("seed", "words", ""), Field("seed", "flag", "")),
    )
    with pytest.raises(GraphError) as caught:
        check_graph(GOOD, root, TABLES, {**KINDS, "basket": wrong})
    assert str(caught.value).splitlines() == [
        "the section portfolios is of two kinds of subject, or of a kind and of a prepare hook",
        "the kind basket gives the setting seed twice, or to the whole run",
        "the kind basket declares id, which every subject has",
        "the kind basket declares seed as words: one of " + ", ".join(TYPES),
    ]


def test_a_run_without_a_kind_has_the_stages_that_need_none_of_it():
    whole = stage("three/all", ["b"], ["d"])
    assert GOOD.part(["portfolio"]).names == GOOD.names
    assert GOOD.part([]).names == ("one/first",)
    assert Pipeline(*GOOD, whole).part([]).names == ("one/first",)
    assert Pipeline(*GOOD, whole).part(["portfolio"]).names == (*GOOD.names, "three/all")


def test_a_state_must_be_written_by_the_stage_that_continues_it(root):
    assert "continues the state d and does not write it" in fault(root, stage("one/first", states=("d",)))


def test_only_the_prepare_hook_writes_raw_tables(root):
    assert "come from prepare hooks" in fault(root, stage("one/first", [], ["raw_a"]))


def test_a_raw_table_that_no_hook_makes_is_refused(root):
    said = fault(root, FIRST, stage("one/second", ["raw_a", "raw_b"], ["b"]))
    assert said == "one/second reads raw_b, which no prepare hook makes"


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (hook("more"), "two rows have the table raw_a: one/first and one/second"),
        (hook(makes=("raw_b",), folder="more"), "two rows have the section data: one/first and one/second"),
        (hook("more", ("raw_b",), "data"), "two rows have the folder data: one/first and one/second"),
        (hook("more", ("raw_b",), "state"), "the folder state, which is the engine's"),
        (hook("more", ("b",)), "the prepare hook of one/second makes b; its tables begin with raw_"),
        (hook("more", ("raw_z",)), "one/second names the table raw_z, which lib/tables does not declare"),
    ],
)
def test_what_a_hook_may_not_share_or_make_is_refused(root, second, words):
    assert words in fault(root, FIRST, stage("one/second", ["raw_a"], ["b"], prepare=second))


def test_one_row_alone_says_which_session_is_the_latest(root):
    rows = [stage(f"one/{name}", [], [name], latest="lib.a:latest") for name in "ab"]
    assert "two rows have the hook `latest`: one/a and one/b" in fault(root, *rows)


def test_a_run_asks_the_hooks_whose_tables_its_stages_read():
    second = stage("one/second", ["raw_b"], ["b"], prepare=hook("more", ("raw_b",)))
    reader = stage("two/third", ["raw_b", "a"], ["c"])
    rows = Pipeline(FIRST, second, reader)
    assert rows.hooks_for([FIRST]) == (FIRST,)
    assert rows.hooks_for([reader]) == (second,)
    assert rows.hooks_for(rows) == (FIRST, second)
    assert rows.hooks_for([stage("one/late", ["a"], ["d"])]) == ()


def test_a_name_stands_on_one_row(root):
    assert "stage one/first has two rows" in fault(root, FIRST, stage("one/first", ["raw_a"], ["b"]))


def test_every_fault_is_told_at_once(root):
    found = fault(root, stage("one/lost", ["d"]), stage("one/first", [], ["z"]))
    assert len(found.splitlines()) == 3


def test_each_stage_comes_after_what_it_needs_else_in_reading_order():
    late = stage("one/late", [], ["d"])
    assert [row.name for row in Pipeline(THIRD, SECOND, FIRST, late).order()] == [
        "one/first",
        "one/second",
        "two/third",
        "one/late",
    ]
    assert GOOD.order() == tuple(GOOD)


def test_needs_are_found_by_the_names_of_tables():
    assert {name: GOOD.needs(name) for name in GOOD.names} == {
        "one/first": (),
        "one/second": ("one/first",),
        "two/third": ("one/first", "one/second"),
    }


def test_the_picture_has_a_line_a_stage_and_one_border():
    lines = print_pipeline(GOOD).splitlines()
    assert lines[0].split() == ["stage", "reads", "writes"]
    assert [line.split() for line in lines[2:]] == [
        ["one/first", "raw_a", "a"],
        border("portfolio").split(),
        ["one/second", "a", "b"],
        ["two/third", "a", "b", "c"],
    ]


def test_long_lists_are_continued_below_themselves():
    tables = [f"a_long_table_name_{number}" for number in range(6)]
    picture = print_pipeline(Pipeline(stage("one/first", tables, tables[:2])))
    assert max(len(line) for line in picture.splitlines()) <= 110
    assert all(picture.count(name) >= 1 for name in tables)


def test_one_object_answers_every_question_about_the_pipeline():
    assert GOOD.names == ("one/first", "one/second", "two/third")
    assert GOOD.chapters == ("one", "two")
    assert GOOD.stage("one/second") is SECOND
    assert GOOD.writer("b") is SECOND
    assert GOOD.writer("raw_a") is None
    assert GOOD.readers("a") == (SECOND, THIRD)
    assert GOOD.dependents("one/first") == ("one/second", "two/third")
    assert GOOD.dependents("two/third") == ()
    assert GOOD.with_needs(["one/second"]) == (FIRST, SECOND)
    assert GOOD.find("one/third") is None
    with pytest.raises(StageError, match="lists one/first, one/second, two/third"):
        GOOD.stage("one/third")
