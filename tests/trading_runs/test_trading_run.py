"""A whole run of trading, as a person meets it: done, honest about its data, repeatable, continued."""

from __future__ import annotations

import nbformat
import pandas as pd
import pytest
import yaml
from nbformat.v4 import new_code_cell
from plain_kernel import SURROUNDINGS, by_hand
from toy.clones import clone

from lib.pipeline import PIPELINE

ACCOUNT = "averages"
PARAMS = "params/one-account.yaml"
BEFORE, DAY = "2013-02-28", "2013-03-01"
PER_ACCOUNT = [row.name for row in PIPELINE if row.per == "account"]


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A clone in which one of the shipped accounts was carried out on two days; only to be added to."""
    bench = clone(tmp_path_factory.mktemp("trading") / "clone")
    params = yaml.safe_load((bench.root / "params/trading.yaml").read_text())
    params["accounts"] = [one for one in params["accounts"] if one["id"] == ACCOUNT]
    (bench.root / PARAMS).write_text(yaml.safe_dump({**params, "name": "one-account"}))
    for day in (BEFORE, DAY):
        code, events, err = bench.run("run", PARAMS, "--as-of", day)
        assert code == 0, err or [one for one in events if one.get("state") == "failed"]
    return bench


def entries(bench):
    return {one["stage"]: one for one in bench.manifest()["stages"]}


def table(bench, name):
    return pd.read_parquet(bench.outputs / f"latest/tables/account={ACCOUNT}/{name}.parquet")


def test_every_stage_is_done_and_every_check_holds(ran):
    found = entries(ran)
    assert set(found) == {"market/prices", "market/quality", *PER_ACCOUNT}
    assert {one["state"] for one in found.values()} == {"done"}
    assert all(check["passed"] for one in found.values() for check in one["checks"])


def test_a_second_run_costs_nothing_and_the_ledger_of_the_account_stays(ran):
    ledger = ran.outputs / f"accounts/{ACCOUNT}/ledger.jsonl"
    before = ledger.read_bytes()
    code, events, _ = ran.run("run", PARAMS)
    assert (code, events[-1]["status"]) == (0, "unchanged")
    assert ledger.read_bytes() == before


def test_one_day_after_the_other_is_one_run_of_both_elsewhere_in_other_surroundings(ran, tmp_path):
    there = ran.copy(tmp_path / "else where", outputs=False)
    code, _, err = there.run("run", PARAMS, "--jobs", "1", env=SURROUNDINGS)
    assert code == 0, err
    for name in ("account_orders", "account_fills", "account_trades", "account_holdings", "account_equity"):
        pd.testing.assert_frame_equal(table(there, name), table(ran, name), check_exact=True, obj=name)


def test_equity_is_cash_and_holdings_and_fills_replay_to_holdings(ran):
    equity = table(ran, "account_equity").set_index("date")
    holdings = table(ran, "account_holdings")
    invested = holdings.groupby("date")["value"].sum().reindex(equity.index, fill_value=0.0)
    assert (equity["cash"] + invested - equity["equity"]).abs().max() < 1e-6
    assert (equity["cash"] >= -1e-9).all()
    last = holdings.loc[holdings["date"] == DAY].groupby("symbol")["quantity"].sum()
    fills = table(ran, "account_fills")
    assert (fills["date"] >= "2010-01-04").all()
    assert set(last.index) <= set(fills["symbol"])


def test_the_difference_from_the_backtest_adds_up_and_nothing_is_unexplained(ran):
    causes = table(ran, "account_reconciliation")
    assert not causes.loc[causes["cause"] == "unexplained", "amount"].abs().gt(0.01).any()


def test_pages_say_first_what_the_data_are_not_and_whether_the_rules_earned_anything(ran):
    said = entries(ran)["trading/signals"]
    text = str(said.get("faults", "")) + str(said.get("verdict", ""))
    assert "prove nothing" in text
    assert "after costs" in text


def with_settings(bench, name):
    """The notebook of a stage with the settings of the run typed into a cell of their own."""
    path = bench.root / f"notebooks/{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    settings = entries(bench)[name]["parameters"]
    typed = "\n".join(f"{setting} = {value!r}" for setting, value in settings.items())
    at = next(n for n, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", ()))
    notebook.cells.insert(at + 1, new_code_cell(typed))
    nbformat.write(notebook, path)
    return path


def test_notebooks_run_by_hand_give_the_tables_of_the_run(ran, bare_environment):
    done = by_hand(ran, bare_environment, *(with_settings(ran, name) for name in PER_ACCOUNT))
    assert done.returncode == 0, done.stderr[-2000:]
    for name, text in zip(PER_ACCOUNT, done.stdout.split("<done "), strict=False):
        assert f"Inputs from run {ran.manifest()['run']}" in text, name
        written = {path.stem: path for path in (ran.outputs / "scratch" / name).rglob("*.parquet")}
        for one in PIPELINE.stage(name).writes:
            here = pd.read_parquet(written[one])
            pd.testing.assert_frame_equal(here, table(ran, one), rtol=1e-9, obj=f"{name}: {one}")


def test_an_order_typed_between_runs_is_shown_and_one_that_makes_no_sense_is_refused(ran, tmp_path):
    bench = ran.copy(tmp_path / "typed")
    code, _, err = bench.run("paper", "order", ACCOUNT, "IBM", "buy", "1.9")
    assert code == 2
    assert len(err.strip().splitlines()) == 1
    code, _, err = bench.run(
        "paper", "order", ACCOUNT, "IBM", "buy", "5", "--type", "LIMIT", "--limit", "150"
    )
    assert code == 0, err
    code, _, err = bench.run("paper", "show", ACCOUNT)
    assert code == 0, err


def test_a_critical_alert_ends_the_run_with_its_own_code_once(ran, tmp_path):
    bench = ran.copy(tmp_path / "alerts")
    params = yaml.safe_load((bench.root / PARAMS).read_text())
    rule = {"id": "far", "type": "price", "symbol": "AAPL", "above": 400.0, "priority": "critical"}
    (bench.root / PARAMS).write_text(yaml.safe_dump({**params, "alerts": {"rules": [rule]}}))
    assert bench.run("run", PARAMS)[0] == 3
    assert bench.run("run", PARAMS)[0] == 0
