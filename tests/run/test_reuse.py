"""What is executed again after which change, and that `plan` says why beforehand."""

from __future__ import annotations

import os
import subprocess
import sys

BOOKS = {"toy/book@one", "toy/book@two"}
TOTALS = {"toy/total@one", "toy/total@two"}
HISTORIES = {"toy/history@one", "toy/history@two"}


def executed(bench, *arguments) -> set[str]:
    return {task for task, state in bench.executed(*arguments).items() if state != "reused"}


def test_a_second_run_executes_nothing_and_loads_nothing_heavy(ran):
    before = {path: path.stat().st_mtime_ns for path in ran.outputs.rglob("*") if path.is_file()}
    code, events, _ = ran.run()
    assert code == 0
    assert [event["status"] for event in events] == ["unchanged"]
    again = {path: path.stat().st_mtime_ns for path in ran.outputs.rglob("*") if path.is_file()}
    assert {p for p in again if again[p] != before.get(p)} <= {
        ran.outputs / ".lock",
        ran.outputs / "cache.json",
    }
    imports = subprocess.run(
        [sys.executable, "-X", "importtime", "run_all.py"], cwd=ran.root, capture_output=True, text=True
    ).stderr
    loaded = {line.split("|")[-1].strip().split(".")[0] for line in imports.splitlines()}
    heavy = {
        "pandas",
        "numpy",
        "pyarrow",
        "nbformat",
        "papermill",
        "nbclient",
        "nbconvert",
        "pydantic",
        "asyncio",
    }
    assert not loaded & {*heavy, "jinja2", "dask", "rich", "pandera"}


def test_a_changed_setting_runs_its_stage_and_what_reads_it(ran):
    plan = ran.plan("--set", "toy/book.factor=2")
    assert plan["toy/book@one"] == "run parameter factor: 1.0 → 2.0"
    assert plan["toy/total@one"] == "may run if what it reads comes out different"
    assert plan["toy/alone"] == "have"
    assert executed(ran, "--set", "toy/book.factor=2") == BOOKS | TOTALS | HISTORIES
    assert executed(ran) == set()


def test_changed_prose_runs_one_stage_and_stops_where_the_content_is_the_same(ran):
    ran.edit("notebooks/toy/book.ipynb", "# The book", "# The very book")
    assert ran.plan()["toy/book@two"] == "run the notebook changed"
    assert executed(ran) == BOOKS


def test_a_changed_line_of_code_runs_the_stages_that_import_it(ran):
    ran.edit("lib/toy/sums.py", '"""Sum of the values."""', '"""The sum of all values."""')
    plan = ran.plan()
    assert plan["toy/total@one"] == "run module lib.toy.sums changed"
    assert plan["toy/source"] == plan["toy/alone"] == "have"
    assert executed(ran) == BOOKS | TOTALS | HISTORIES


def test_one_byte_of_a_portfolio_file_runs_that_portfolio(ran):
    ran.edit("params/one.csv", "AAA,3", "AAA,5")
    assert ran.plan()["toy/book@one"] == "run file positions_file changed"
    assert executed(ran) == {"toy/book@one", "toy/total@one", "toy/history@one"}


def test_another_schema_or_code_of_a_hook_asks_for_the_slice_again(ran):
    ran.edit("lib/toy/hooks.py", "10.0 + days.day", "11.0 + days.day")
    assert ran.plan()["toy/source"] == "run input raw_prices changed"
    ran.edit("lib/toy/hooks.py", "11.0 + days.day", "10.0 + days.day")
    assert ran.plan()["toy/source"] == "have"
    columns = '_DATE, _SYMBOL, Column("close", "float", "price"), _ORIGIN'
    ran.edit("lib/tables.py", f'"Prices as they came.", ({columns})', f'"As they came.", ({columns}, _VALUE)')
    code, _, err = ran.run("plan")
    assert code == 1
    assert "raw_prices lacks value" in err


def test_another_lock_runs_everything(ran):
    lock = ran.root / "requirements.lock"
    lock.write_text(lock.read_text() + "\n# another solution\n")
    assert all(line.startswith("run environment: lock changed") for line in ran.plan().values())


def test_a_changed_template_renders_and_executes_nothing(ran):
    pages = {path.name: path.read_bytes() for path in (ran.outputs / "latest/pages").rglob("*.html")}
    style = next((ran.root / "lib/run/pages/templates").rglob("*.css"))
    style.write_text(style.read_text() + "\n.never { color: red }\n")
    first = ran.manifest()["run"]
    assert executed(ran) == set()
    assert ran.manifest()["run"] != first
    assert ran.manifest()["moments"]["executed"] == []
    again = {path.name: path.read_bytes() for path in (ran.outputs / "latest/pages").rglob("*.html")}
    assert all(again[name] != pages[name] for name in pages)


def test_one_stage_alone_brings_what_it_needs(toy):
    assert executed(toy, "--only", "toy/total", "--portfolio", "two") == {
        "toy/source",
        "toy/book@two",
        "toy/total@two",
    }


def test_force_executes_everything_and_gives_the_same_bytes(ran):
    before = ran.manifest()
    assert len(executed(ran, "--force")) == 8
    assert ran.manifest()["files"] == before["files"]


def test_a_damaged_result_is_noticed_and_made_again(ran):
    table = next((ran.outputs / "store/toy/total").glob("*/tables/totals.parquet"))
    table.chmod(0o644)
    content = bytearray(table.read_bytes())
    content[len(content) // 2] ^= 1
    table.write_bytes(content)
    code, events, err = ran.run()
    assert code == 0, err
    assert any(e["event"] == "warning" and "totals.parquet was damaged" in e["message"] for e in events)
    assert sum(e["event"] == "stage" and e["state"] == "done" for e in events) == 1
    assert ran.run("verify")[0] == 0


def test_saving_a_runs_notebook_does_not_touch_the_store(ran):
    notebook = ran.outputs / "latest/notebooks/toy/source.ipynb"
    assert os.access(notebook, os.W_OK)
    notebook.write_text("{}")
    code, events, err = ran.run()
    assert (code, events[-1]["executed"]) == (0, 0), err
    assert notebook.stat().st_size > 500
    aside = ran.outputs / "scratch" / events[-1]["run"] / "notebooks/toy/source.ipynb"
    assert aside.read_text() == "{}"
    assert any("a copy is in scratch/" in event.get("message", "") for event in events)
    stored = next((ran.outputs / "store/toy/source").glob("*/stage.ipynb"))
    assert stored.stat().st_size > 500
    assert not stored.stat().st_mode & 0o222
