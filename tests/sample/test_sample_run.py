"""The sample run as a person meets it: whole, right, repeatable, and open by hand."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from plain_kernel import SURROUNDINGS, by_hand

from lib.pipeline import PIPELINE

PORTFOLIOS = ("individual", "high-net-worth", "long-short")
OWN = PIPELINE.part(("portfolio", "fund_list"), ("data", "macro", "fund_data"))
"""The stages that the sample's params have subjects and sections for."""
DAYS = ("2022-12-23", "2022-12-27", "2022-12-28")


def test_every_stage_is_done_and_every_check_holds(sample):
    manifest = sample.manifest()
    assert manifest["state"] == "done"
    assert {stage["state"] for stage in manifest["stages"]} == {"done"}
    assert len(manifest["stages"]) == sum(3 if row.per == "portfolio" else 1 for row in OWN)
    assert [one["id"] for one in manifest["subjects"]["portfolio"]] == list(PORTFOLIOS)


@pytest.mark.parametrize(
    ("portfolio", "nav"), [("individual", 485_000), ("high-net-worth", 2_850_000), ("long-short", 3_200_000)]
)
def test_the_demonstration_books_are_worth_what_they_should(sample, portfolio, nav):
    place = sample.outputs / f"latest/tables/portfolio={portfolio}"
    totals = pd.read_parquet(place / "exposures.parquet").set_index("measure")["value"]
    positions = pd.read_parquet(place / "positions.parquet")
    assert totals["nav"] == pytest.approx(nav, rel=0.002)
    assert totals["nav"] == pytest.approx(positions["exposure"].sum() + totals["cash"], abs=0.01)
    assert positions["price"].notna().all()


def test_the_long_short_book_has_both_sides_of_stocks_and_options(sample):
    positions = pd.read_parquet(sample.outputs / "latest/tables/portfolio=long-short/positions.parquet")
    assert set(positions["position_type"]) == {"LONG", "SHORT", "LC", "LP", "SC", "SP"}
    options = positions[positions["kind"] == "option"]
    assert (options["expiry"].dt.year == 2023).all()
    assert set(options["origin"]) == {"constructed"}


def test_the_orders_to_hand_on_are_the_trades_that_were_asked_for(sample):
    trades = pd.read_parquet(sample.outputs / "latest/tables/portfolio=long-short/what_if_trades.parquet")
    asked = trades[trades["kind"].eq("asked") & trades["quantity"].ne(0)]
    orders = pd.read_csv(sample.outputs / "latest/exports/long-short_what_if_orders_2022-12-28.csv")
    assert orders["symbol"].tolist() == asked["symbol"].tolist()
    assert orders["quantity"].tolist() == asked["quantity"].abs().tolist()
    fix = (sample.outputs / "latest/exports/long-short_what_if_orders_2022-12-28.fix").read_text()
    assert fix.count("\x0135=D\x01") == len(asked)


def test_pages_ask_nothing_of_a_network_and_name_no_place_of_a_machine(sample):
    for page in (sample.outputs / "latest").resolve().rglob("*.html"):
        text = page.read_text()
        assert not re.search(r"(src|href|url\()\s*[=(]?\s*[\"']?https?:", text), page
        assert str(sample.root) not in text, page
        assert "Content-Security-Policy" in text, page


def test_another_clone_in_other_surroundings_gives_the_same_bytes(sample, tmp_path):
    there = sample.copy(tmp_path / "bare", outputs=False)
    code, _, err = there.run("--jobs", "1", env=SURROUNDINGS)
    assert code == 0, err
    here, other = sample.manifest(), there.manifest()
    assert other["run"] == here["run"]
    different = [name for name, digest in here["files"].items() if other["files"].get(name) != digest]
    assert different == []
    assert set(other["files"]) == set(here["files"])


def test_one_line_of_the_portfolio_chapter_runs_its_stages_and_no_risk_stage_of_the_same_content(fresh):
    path = fresh.root / "lib/portfolio/valuation.py"
    path.write_text(path.read_text() + "\n# A remark.\n")
    plan = fresh.plan()
    assert plan["portfolio/positions@individual"].startswith("run module lib.portfolio.valuation changed")
    assert plan["market/prices"] == "have"
    assert plan["risk/metrics@individual"].startswith("may run")
    ran = {task for task, state in fresh.executed().items() if state != "reused"}
    assert "risk/metrics@individual" not in ran
    assert "portfolio/positions@long-short" in ran


def one_book(bench):
    """Arguments of a whole run of no more than the snapshots of one portfolio."""
    params = yaml.safe_load((bench.root / "params/sample.yaml").read_text())
    params["portfolios"] = params["portfolios"][:1]
    params["run_stages"] = ["portfolio/snapshot"]
    (bench.root / "params/one.yaml").write_text(yaml.safe_dump({**params, "name": "one"}))
    return ("run", "params/one.yaml")


def test_verify_passes_elsewhere_in_other_surroundings_after_a_portfolio_file_was_edited(fresh, tmp_path):
    code, _, err = fresh.run(*one_book(fresh))
    assert code == 0, err
    there = fresh.copy(tmp_path / "else where")
    path = there.root / "params/portfolios/individual.csv"
    path.write_text(path.read_text().replace("ticker", "symbol"))
    code, events, err = there.run("verify", env=SURROUNDINGS)
    assert code == 0, err or events


def test_three_days_give_three_snapshots_and_a_clone_with_the_same_history_the_same_ids(fresh, tmp_path):
    asked = one_book(fresh)
    ids = [fresh.run(*asked, "--as-of", day)[1][-1]["run"] for day in DAYS]
    state = fresh.outputs / f"state/one/snapshots/portfolio=individual/{DAYS[-1]}.parquet"
    snapshots = pd.read_parquet(state)
    assert [f"{day:%Y-%m-%d}" for day in snapshots["snapshot_date"]] == list(DAYS)
    pnl = snapshots["daily_pnl"]
    assert pnl.isna().tolist() == [True, False, False]
    assert (snapshots["nav"].diff().iloc[1:] - pnl.iloc[1:]).abs().max() < 0.01
    again = fresh.run(*asked, "--as-of", DAYS[1])[1]
    assert (again[-1]["status"], again[-1]["run"]) == ("unchanged", ids[1])
    there = fresh.copy(tmp_path / "fourth", outputs=False)
    assert [there.run(*asked, "--as-of", day)[1][-1]["run"] for day in DAYS] == ids


ALONE = ("start_here", "risk/metrics")
TOGETHER = tuple(row.name for row in OWN if row.name not in ALONE)
HALF = len(TOGETHER) // 2


@pytest.mark.parametrize(
    "stages", [*((name,) for name in ALONE), TOGETHER[:HALF], TOGETHER[HALF:]], ids=lambda names: names[0]
)
def test_notebooks_run_by_hand_in_a_plain_kernel_from_their_own_folders(sample, bare_environment, stages):
    store = {path: path.stat().st_mtime_ns for path in (sample.outputs / "store").rglob("*")}
    done = by_hand(sample, bare_environment, *(sample.root / f"notebooks/{name}.ipynb" for name in stages))
    assert done.returncode == 0, done.stderr[-2000:]
    assert {path: path.stat().st_mtime_ns for path in (sample.outputs / "store").rglob("*")} == store
    said = done.stdout.split("<done ")
    for name, text in zip(stages, said, strict=False):
        if name != "start_here":
            assert f"Inputs from run {sample.manifest()['run']}" in text, name
            row = PIPELINE.stage(name)
            written = {path.stem for path in (sample.outputs / "scratch" / name).rglob("*.parquet")}
            assert {*row.writes, "key_figures"} <= written


def test_a_library_of_another_clone_is_refused_and_no_run_is_said_plainly(
    sample, fresh, tmp_path, bare_environment
):
    notebook = fresh.root / "notebooks/portfolio/exposures.ipynb"
    done = by_hand(sample, bare_environment, notebook)
    assert "comes from another one" in done.stderr
    bare = fresh.copy(tmp_path / "bare", outputs=False)
    done = by_hand(bare, bare_environment, bare.root / "notebooks/portfolio/exposures.ipynb")
    assert "run `python3 run_all.py` first" in done.stderr


def test_lab_prepares_a_stage_of_a_run_with_its_parameters(sample, bare_environment):
    code = "from pathlib import Path\nfrom lib.run import lab\nfrom lib.run.store import runs\n"
    code += "import sys\nout = Path(sys.argv[1])\n"
    code += "print(lab.prepare_copy((out / 'latest').resolve(), 'portfolio/exposures@long-short'))"
    done = subprocess.run(
        [sys.executable, "-c", code, str(sample.outputs)],
        env={**bare_environment, "PYTHONPATH": str(sample.root)},
        capture_output=True,
        text=True,
        cwd="/",
    )
    notebook = Path(done.stdout.strip())
    assert '"long-short"' in json.dumps(json.loads(notebook.read_text())["cells"]).replace('\\"', '"')
    variables = {**bare_environment, "WORKBENCH_RUN": str((sample.outputs / "latest").resolve())}
    assert by_hand(sample, variables, notebook).returncode == 0
