"""Two evenings of a paper account by the real engine: an order between, a repeat, a crash."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[3]
FIRST, SECOND = "2013-02-27", "2013-02-28"
PARAMS = """\
name: paper
as_of: 2013-02-28
seed: 7
run_stages: [market/prices, trading/paper]
data: {provider: sample_bars}
accounts:
  - {id: own, name: Own, capital: 9000, start: 2013-02-20, symbols: [AAPL, MSFT], strategies: [average_cross]}
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("paper")
    (folder / "paper.yaml").write_text(PARAMS)
    return folder


def call(folder, *arguments):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WORKBENCH_")}
    command = [sys.executable, str(ROOT / "run_all.py"), *arguments, "--outputs", str(folder / "out")]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def run(folder, day):
    done = call(folder, "run", str(folder / "paper.yaml"), "--as-of", day)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


def table(folder, run_id, name):
    return pd.read_parquet(folder / "out" / "runs" / run_id / "tables" / "account=own" / f"{name}.parquet")


def test_two_evenings_an_order_between_a_repeat_a_crash_and_damage(world):
    ledger = world / "out" / "accounts" / "own" / "ledger.jsonl"
    first = run(world, FIRST)
    assert (table(world, first["run"], "account_record")["recorded"] == [False] * 6).all()
    after_first = ledger.read_bytes()
    assert after_first.count(b"\n") == 7

    ordered = call(world, "paper", "order", "own", "MSFT", "buy", "10", "--note", "by hand")
    assert (ordered.returncode, ordered.stdout) == (0, "m8: buy 10 MSFT MARKET DAY, from 2013-02-28 on\n")
    late = call(world, "paper", "order", "own", "MSFT", "buy", "10", "--on", FIRST)
    assert late.returncode == 2
    assert "--on: the session 2013-02-27 has been run" in late.stderr

    second = run(world, SECOND)
    record = table(world, second["run"], "account_record")
    assert record["recorded"].tolist() == [True] * 6 + [False]
    fills = table(world, second["run"], "account_fills")
    assert fills[["order_id", "date"]].to_numpy().tolist() == [["m8", pd.Timestamp(SECOND)]]
    entered = ledger.read_bytes()
    assert entered.startswith(after_first)
    assert entered.count(b"\n") == 9
    assert json.loads(entered.splitlines()[-1])["as_of"] == SECOND

    for day, before in ((SECOND, second), (FIRST, first)):
        again = run(world, day)
        assert (again["status"], again["run"]) == ("unchanged", before["run"])
    assert ledger.read_bytes() == entered

    ledger.write_bytes(entered[: len(entered) - 40])
    (ledger.parent / "entered").unlink()
    assert run(world, SECOND)["status"] == "unchanged"
    lines = [json.loads(one) for one in ledger.read_bytes().splitlines()]
    bodies = [{key: one[key] for key in ("number", "body")} for one in lines]
    assert bodies == [
        {key: json.loads(one)[key] for key in ("number", "body")} for one in entered.splitlines()
    ]

    damaged = ledger.read_bytes().replace(b"by hand", b"by foot")
    ledger.write_bytes(damaged)
    refused = call(world, "run", str(world / "paper.yaml"), "--as-of", "2013-03-01")
    assert refused.returncode == 1
    assert re.search(r"accounts/own/ledger.jsonl: line 8 is not as it was written", refused.stderr)
    assert ledger.read_bytes() == damaged
