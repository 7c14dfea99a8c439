"""The recipes "Add a prepare hook" and "Add a provider", walked on the toy beside the hook of its market.

Section of the params, raw table, providers, store, cache and events are the second hook's own; neither is
asked because of the other.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from toy.workbench import TOY, Workbench, write_notebook

PAST, FUTURE = "2000-01-01T00:00:00+00:00", "2999-01-01T00:00:00Z"
ROW = """\
    Stage(
        "toy/macro",
        "What does the office say?",
        ("raw_macro",),
        ("macro",),
        prepare=Prepare(
            "lib.toy.macro:prepare",
            section="macro",
            folder="macro",
            makes=("raw_macro",),
            providers="lib.toy.macro:PROVIDERS",
        ),
    ),
)
"""
TABLES = """\
        *(
            Table(
                name,
                "Figures of the office.",
                (
                    Column("released", "moment", "when it was published"),
                    Column("series", "str", "name"),
                    Column("value", "whole", "figure", null=True),
                ),
                ("released", "series"),
            )
            for name in ("raw_macro", "macro")
        ),
        KEY_FIGURES,
    )
"""
CELLS = (
    'as_of: str = "2022-12-28"  # day',
    'stage = open_stage("toy/macro", as_of=as_of)',
    'stage.write(macro=stage.read("raw_macro"))\nstage.conclude("It says something.", [])',
)
OFFICE = "released,series,value\n2022-12-01T13:30:00Z,GDP,7\n2022-12-02T13:30:00Z,CPI,\n"
SECTION = "macro: {provider: office, series: [GDP, CPI]}"


class Bench:
    """The toy with the second hook, both of its sources fetched from files that a test edits."""

    def __init__(self, bench: Workbench):
        self.bench, self.root, self.outputs = bench, bench.root, bench.outputs

    def params(self) -> str:
        return (self.root / "params" / "sample.yaml").read_text()

    def section(self, text: str = "") -> None:
        """Replace the section of the second hook, or take it out."""
        lines = [line for line in self.params().splitlines() if not line.startswith("macro:")]
        (self.root / "params" / "sample.yaml").write_text(
            "\n".join([*lines, *([text] if text else [])]) + "\n"
        )

    def office(self, *, text: str = OFFICE, until: str = FUTURE) -> None:
        (self.root / "office.csv").write_text(text)
        (self.root / "macro.json").write_text(json.dumps({"until": until}))

    def calls(self) -> list[dict]:
        """The calls of hooks since the last look."""
        path = self.root / "calls.txt"
        calls = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        path.unlink(missing_ok=True)
        return calls

    def asked(self) -> list[str]:
        """Which hook was called since the last look: the market's is `fetch`."""
        return [call["what"] for call in self.calls()]

    def status(self, *arguments: str) -> tuple[str, str]:
        code, events, err = self.bench.run(*arguments)
        assert code == 0, err
        return events[-1]["status"], events[-1]["run"]

    def refused(self, *arguments: str) -> str:
        code, events, err = self.bench.run(*arguments)
        assert (code, events) == (2, []), err
        return err

    def macro(self) -> pd.DataFrame:
        return pd.read_parquet(self.outputs / "latest/tables/macro.parquet")


def add_hook(root: Path) -> None:
    """What the recipe says: a row, a table, a module with providers and hook, a notebook, a section."""
    pipeline, tables = root / "lib" / "pipeline.py", root / "lib" / "tables.py"
    pipeline.write_text(pipeline.read_text().removesuffix(")\n") + ROW)
    tables.write_text(tables.read_text().replace("        KEY_FIGURES,\n    )\n", TABLES))
    shutil.copyfile(TOY / "macro.py", root / "lib" / "toy" / "macro.py")
    write_notebook(root, "macro", CELLS)


@pytest.fixture(scope="module")
def made(finished_toy, tmp_path_factory):
    """The toy that has been run with one hook and then, after the recipe, with two; not to be changed."""
    made = Bench(finished_toy.copy(tmp_path_factory.mktemp("hooks") / "bench"))
    add_hook(made.root)
    made.bench.edit("params/sample.yaml", "data: {provider: sample}", "data: {provider: live}")
    made.section(SECTION)
    made.office()
    (made.root / "source.csv").write_text("symbol,first\nAAA,0\nBBB,1\nCCC,2\n")
    (made.root / "told.json").write_text(json.dumps({"until": FUTURE}))
    code, made.events, err = made.bench.run()
    assert code == 0, err
    made.first = made.calls()
    return made


@pytest.fixture
def bench(made, tmp_path):
    """A copy that has asked both sources for stores of its own."""
    bench = Bench(made.bench.copy(tmp_path / "copy"))
    assert bench.status() == ("unchanged", made.bench.manifest()["run"])
    assert bench.asked() == ["fetch", "macro"]
    return bench


@pytest.fixture(scope="module")
def refusing(made, tmp_path_factory):
    """A copy that has not run and never will."""
    return Bench(made.bench.copy(tmp_path_factory.mktemp("refusing") / "bench", outputs=False))


def test_one_more_hook_executes_its_stage_alone_and_each_hook_is_asked_for_itself(made):
    states = {event["task"]: event["state"] for event in made.events if event["event"] == "stage"}
    assert {task for task, state in states.items() if state == "done"} == {"toy/macro"}
    assert [call["what"] for call in made.first] == ["fetch", "macro"]
    market, macro = (call["request"] for call in made.first)
    assert "symbols" in market
    assert "symbols" not in macro
    assert macro["section"] == "macro"
    assert macro["settings"] == {
        "provider": "office",
        "series": ["GDP", "CPI"],
        "basis": "real",
        "attempts": 3,
    }
    assert macro["store"] == str(made.outputs.resolve() / "macro")


def test_its_table_stands_among_the_inputs_of_the_run_and_its_events_are_its_own(made):
    run = (made.outputs / "latest").resolve()
    inputs = {path.relative_to(run / "inputs").as_posix() for path in run.glob("inputs/*/raw_*")}
    assert inputs == {"market/raw_prices.parquet", "macro/raw_macro.parquet"}
    manifest = made.bench.manifest()
    assert manifest["tables"]["raw_macro"]["path"] == "inputs/macro/raw_macro.parquet"
    assert manifest["request"]["macro"] == {"provider": "office", "series": ["GDP", "CPI"], "basis": "real"}
    assert {"event": "sync", "section": "macro", "state": "done", "rows": 2} in made.events
    assert set(manifest["moments"]["fetch"]) == {"data", "macro"}
    assert manifest["moments"]["fetch"]["macro"]["events"] == [{"state": "done", "rows": 2}]
    assert made.macro()["value"].tolist() == [7, pd.NA]
    assert str(made.macro()["released"].dtype) == "datetime64[us, UTC]"


def test_a_second_run_asks_nothing_and_each_answer_has_its_own_time_and_symbols(bench):
    assert bench.status()[0] == "unchanged"
    assert bench.asked() == []
    bench.office(until=PAST)
    (bench.outputs / "macro" / "macro.csv").unlink()
    assert bench.status()[0] == "unchanged"
    assert bench.asked() == ["macro"], "an answer whose time has passed is asked again, alone"
    bench.office()
    assert bench.status()[0] == "unchanged"
    assert bench.asked() == ["macro"]
    bench.bench.edit("params/one.csv", "AAA,3", "CCC,3")
    assert bench.status()[0] == "done"
    assert bench.asked() == ["fetch"], "which symbols are held is none of its business"


def test_how_the_office_is_asked_is_no_part_of_the_run_and_what_it_is_asked_is(bench):
    run = bench.bench.manifest()["run"]
    bench.section("macro: {provider: office, series: [GDP, CPI], attempts: 9, store: kept}")
    assert bench.status() == ("unchanged", run)
    assert bench.asked() == ["macro"]
    assert (bench.root / "params" / "kept" / "macro.csv").exists()
    bench.section("macro: {provider: office, series: [GDP]}")
    status, other = bench.status()
    assert (status, other != run) == ("done", True)
    assert bench.macro()["series"].tolist() == ["GDP"]


def test_offline_it_answers_from_what_it_keeps_and_is_asked_the_next_time(bench):
    (bench.outputs / "macro" / "macro.csv").write_text(OFFICE.replace("GDP,7", "GDP,8"))
    assert bench.status("--offline")[0] == "done"
    assert bench.macro()["value"].tolist() == [8, pd.NA]
    fetch = bench.bench.manifest()["moments"]["fetch"]
    assert (fetch["macro"]["offline"], fetch["data"]["offline"]) == (True, False)
    assert bench.status()[0] == "unchanged"
    assert [(call["what"], call["request"]["offline"]) for call in bench.calls()] == [
        ("macro", True),
        ("macro", False),
    ]


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("macro: {provider: ofice}", "macro.provider: found 'ofice'; did you mean `office`?"),
        ("macro: {provider: office}", "macro.series: missing; add `series:`"),
        ("macro: {provider: office, serie: [GDP]}", "macro.serie: unknown key; did you mean `series`?"),
        ("macro: {provider: office, series: GDP}", "macro.series: found 'GDP'; give a list of 1 to 10000"),
        ("macro: {provider: office, series: [7]}", "macro.series: found 7; give text"),
        ("macro: {provider: office, series: [GDP], basis: x}", "macro.basis: found 'x'; give one of real, n"),
        ("macro: {provider: office, series: [GDP, M2]}", "macro.series: no series 'M2'; take another"),
        ("macro: {provider: office, series: [GDP], store: /dev/null/x}", "macro.store: the folder /dev/null"),
        ("macro: 7", "macro: found 7; give a mapping such as {provider: file}"),
        ("marco: {provider: file}", "marco: unknown key; did you mean `macro`?"),
        ("", "macro: missing; add `macro:`, from which toy/macro gets raw_macro"),
    ],
)
def test_a_wrong_section_is_refused_at_its_line_before_anything_is_written(refusing, section, words):
    good = [line for line in refusing.params().splitlines() if not line.startswith("macro:")]
    try:
        refusing.section(section)
        said = refusing.refused()
    finally:
        (refusing.root / "params" / "sample.yaml").write_text("\n".join(good) + "\n")
    line = len(good) + 1 if section else 1
    told = said.splitlines()
    assert [one for one in told if one.startswith(f"error: params/sample.yaml:{line}: {words}")]
    assert len(told) == (2 if section.startswith("marco") else 1), "a section by another name is missing too"
    assert not (refusing.outputs / "runs").exists()


def test_a_section_may_be_absent_when_no_stage_of_the_run_needs_it(bench):
    bench.section()
    assert bench.status("--only", "toy/total")[0] == "done"
    assert bench.asked() == []
    bench.section(SECTION)
    bench.bench.edit("params/sample.yaml", "data: {provider: live}", "run_stages: [toy/macro]")
    bench.office(text=OFFICE.replace("GDP,7", "GDP,9"))
    (bench.outputs / "macro" / "macro.csv").unlink()
    assert bench.status()[0] == "done"
    assert set(bench.bench.manifest()["tables"]) == {"raw_macro", "macro"}
    assert bench.asked() == ["macro"]
    said = bench.refused("--only", "toy/alone")
    assert "params/sample.yaml:1: data: missing; add `data:`, from which toy/source gets raw_prices" in said


def test_a_run_with_two_hooks_is_verified_from_its_inputs_when_both_sources_are_gone(bench):
    for name in ("office.csv", "source.csv", "outputs/macro/macro.csv", "outputs/market/prices.csv"):
        (bench.root / name).unlink()
    code, events, err = bench.bench.run("verify")
    assert code == 0, err
    assert "all equal" in events[0]["text"]
    assert bench.asked() == []


def test_a_provider_that_reads_a_file_is_given_its_whole_path_and_its_content_counts(bench):
    (bench.root / "params" / "figures.csv").write_text(OFFICE)
    bench.section("macro: {provider: file, path: figures.csv}")
    assert bench.status()[0] == "done", "the provider is part of what identifies a run"
    assert bench.status()[0] == "unchanged"
    assert "macro" not in bench.bench.manifest()["moments"]["fetch"]
    (bench.root / "params" / "figures.csv").write_text(OFFICE.replace("GDP,7", "GDP,10"))
    assert bench.status()[0] == "done"
    assert bench.macro()["value"].tolist() == [10, pd.NA]
    assert bench.asked() == []
