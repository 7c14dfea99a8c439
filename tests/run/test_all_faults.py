"""Every fault of params, files, options and data is told in one call, each at its place; so does ``run``."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from forked_command import ROOT, ForkedCommand
from fuzz.world import GOOD, Input

PARAMS = """\
# many faults
nmae: fuzz
as_of: 2022-12-28
seed: seven
data: {provider: folder, path: data, paht: x}
portfolios:
  - {id: one, positions: book.csv, trades: trades.csv, cash: lots, benchmark: MKT}
  - {id: one, positions: nothing.csv}
  - {id: three, positions: all-wrong.csv, curency: USD}
stages:
  market/factors: {factors: {market: MKT, value: "", growth: "", momentum: "", quality: "", size: "",
    low_volatility: ""}, windw: 30}
  portfolio/positions: {min_coverage: 95}
  market/pirces: {strict: true}
  risk/stress: {scenario_files: [scenarios], decay: 2}
"""
BOOK = GOOD["book.csv"].decode() + "DDD,$5,1,2022-11-01,,,,,\nDDD,0,1,2022-11-01,,,,,\n"
TRADES = "action,symbol,quantity,price\nSELL,AAA,4,x\nBYU,DDD,1,\nSELL,EEE,1,\n"
SCENARIOS = """\
scenarios:
  - {id: Fall, shocks: {markt: -0.3, value: 3}}
  - {id: off, shocks: {value: ten}}
"""
MANY = {
    "params.yaml": PARAMS.encode(),
    "book.csv": BOOK.encode(),
    "all-wrong.csv": b"ticker,quantity,entry_price,entry_date\nAAA,0,1,2022-11-01\nBBB,x,1,2022-11-01\n",
    "trades.csv": TRADES.encode(),
    "scenarios/own.yaml": SCENARIOS.encode(),
    "data/prices.csv": GOOD["data/prices.csv"]
    + b"2022-12-28,AAA,1,1,1,x,5,real\n2022-13-01,BBB,1,1,1,1,5,real\n",
    "data/yields.csv": b"date,tenor,rate\n2022-12-28,10Y,4.2\n",
}
PLACES = [
    "params.yaml:2: nmae: unknown key; did you mean `name`?",
    "params.yaml:4: seed: found 'seven'",
    "params.yaml:5: data.paht: unknown key; did you mean `path`?",
    "params.yaml:7: portfolios[0].cash: found 'lots'",
    "params.yaml:8: portfolios[1].id: used twice",
    "params.yaml:8: portfolios[1].positions: nothing.csv: no such file",
    "params.yaml:9: portfolios[2].curency: unknown key; did you mean `currency`?",
    "params.yaml:12: stages.market/factors.windw: unknown setting; did you mean `window`?",
    "params.yaml:13: stages.portfolio/positions.min_coverage: found 95.0",
    "params.yaml:14: stages.market/pirces: unknown stage; did you mean `market/prices`?",
    "params.yaml:15: stages.risk/stress.decay: found 2.0",
    "all-wrong.csv: every row is rejected (QTY_ZERO 1, QTY_NOT_NUMBER 1)",
    "all-wrong.csv:2: quantity: The quantity is zero",
    "all-wrong.csv:3: quantity: The quantity “x” is not a number",
    "trades.csv:2: price: 'x' is no number (NOT_A_NUMBER)",
    "trades.csv:3: action: 'BYU' is no action (UNKNOWN_ACTION)",
    "trades.csv:4: action: SELL of EEE, which is not held (NOT_HELD)",
    "scenarios/own.yaml:2: scenarios[0].id: found 'Fall'",
    "scenarios/own.yaml:2: scenarios[0].shocks.markt: unknown factor; did you mean `market`?",
    "scenarios/own.yaml:2: scenarios[0].shocks.value: a shock of 3",
    "scenarios/own.yaml:3: scenarios[1].shocks.value: found 'ten'",
    "data/prices.csv:82: close: “x” is not a number",
    "data/prices.csv:83: date: “2022-13-01” is not a date",
    "data/yields.csv:2: rate: “4.2” is outside -0.1 to 1",
]


@pytest.fixture(scope="module")
def command():
    with ForkedCommand() as running:
        yield running


def said(command, folder, files, *arguments: str):
    """Exit code, lines of the output and of the errors for a world with these files."""
    Input("world", files).lay_out(folder)
    done = command(*arguments, "--outputs", "out", cwd=folder)
    assert "Traceback" not in done.err, done.err
    return done.code, done.out.splitlines(), done.err.splitlines()


def test_every_fault_is_told_at_once_and_by_run_as_well(command, tmp_path):
    code, out, told = said(command, tmp_path, MANY, "validate", "params.yaml")
    assert code == 2
    assert [line.split(": ")[:3] for line in out] == [
        ["warning", "book.csv:7", "quantity"],
        ["warning", "book.csv:8", "quantity"],
    ]
    missing = [one for one in PLACES if not any(line.startswith(f"error: {one}") for line in told)]
    assert not missing, "\n".join(told)
    assert len(told) == len(PLACES), "\n".join(told)
    code, out, of_the_run = said(command, tmp_path / "run", MANY, "run", "params.yaml")
    assert (code, out, of_the_run) == (2, [], told)
    assert not (tmp_path / "run" / "out").exists()


def test_each_rejected_row_is_named_with_line_value_and_mend_and_the_file_is_valid(command, tmp_path):
    rows = "".join(f"DDD,{n}$,1,2022-11-01,,,,,\n" for n in range(60))
    book = (GOOD["book.csv"].decode() + rows).encode()
    code, out, _ = said(command, tmp_path, {"book.csv": book}, "validate", "params.yaml")
    assert code == 0
    warnings = [line for line in out if line.startswith("warning: ")]
    assert warnings[0] == (
        "warning: book.csv:7: quantity: The quantity “0$” is not a number; write it like -1200 or 12.5. "
        "Leave out currency signs. (QTY_NOT_NUMBER)"
    )
    assert warnings[50] == "warning: book.csv:56: and 10 more; mend these first"
    assert len(warnings) == 51
    assert "portfolio/positions@one: 4 symbols, 65 rows, 5 accepted, 60 rejected" in out
    assert out[-1] == "params.yaml is valid; 15 stages would be considered"


def test_rows_that_are_left_out_are_named_beside_the_faults_of_other_files(command, tmp_path):
    book = GOOD["book.csv"].decode() + "DDD,$5,1,2022-11-01,,,,,\n"
    files = {"book.csv": book.encode(), "data/yields.csv": b"date,tenor,rate\n2022-12-28,10Y,4.2\n"}
    code, out, told = said(command, tmp_path, files, "validate", "params.yaml")
    assert code == 2
    assert [line.split(":")[1:4] for line in out] == [[" book.csv", "7", " quantity"]]
    assert out[0].startswith("warning: ")
    assert [line.split(":")[1:3] for line in told] == [[" data/yields.csv", "2"]]


def test_a_book_without_enough_prices_is_foretold_with_its_holdings_and_why(command, tmp_path):
    book = GOOD["book.csv"] + b"XXX,1,1,2022-11-01,,,,,\nYYY,1,1,2022-11-01,,,,,\n"
    params = GOOD["params.yaml"].replace(b"min_coverage: 0.3", b"min_coverage: 0.9")
    files = {"book.csv": book, "params.yaml": params}
    code, _, told = said(command, tmp_path, files, "validate", "params.yaml")
    assert code == 2
    assert told[0].startswith(
        "error: params.yaml:5: data: portfolio/positions@one would stop: 51.9% of the exposure of the book "
        "has a price; without one: AAA230317C00010000 (not in the data), "
    )
    assert "XXX (not in the data), 0.2% by its entry price" in told[0]
    assert told[0].endswith(
        "At least 90.0% is needed. Add prices for these symbols, or take a day that the data reach, or lower "
        "min_coverage."
    )
    assert len(told) == 1


def test_data_without_any_price_near_the_day_are_foretold_once_and_not_for_each_book(command, tmp_path):
    code, _, told = said(command, tmp_path, {}, "validate", "params.yaml", "--as-of", "2023-01-31")
    assert code == 2
    (line,) = told
    assert "data: market/prices would stop: " in line
    assert " have no price within 7 days of 2023-01-31; the newest price is of 2022-12-28 (" in line
    assert line.endswith("Add prices for these symbols, or take a day that the data reach.")


@pytest.mark.parametrize("provider", ["folder, path: data", "sample"])
def test_a_day_after_the_last_closed_session_is_refused_with_the_last_day_of_the_data(
    command, tmp_path, provider
):
    params = GOOD["params.yaml"].replace(b"folder, path: data", provider.encode())
    given = ("validate", "params.yaml", "--as-of", "2049-06-30")
    code, _, told = said(command, tmp_path, {"params.yaml": params}, *given)
    assert code == 2
    (line,) = [one for one in told if "--as-of" in one]
    assert line.startswith("error: command line: --as-of: 2049-06-30 lies after the last closed session, 20")
    assert line.endswith("or `latest`; the data reach to 2022-12-28")


OPTIONS = {
    "a value that is no YAML": (
        ("--set", "risk/stress.decay=[1"),
        "--set: risk/stress.decay: not valid YAML",
    ),
    "an unknown factor": (
        ("--set", "market/factors.factors={markt: MKT}"),
        "--set: market/factors.factors.markt: no factor of this name",
    ),
    "an empty mapping for a number": (
        ("--set", "risk/stress.decay={}"),
        "--set: risk/stress.decay: expected",
    ),
    "nothing": (("--set", "risk/stress.decay=null"), "--set: risk/stress.decay: expected float, found None"),
    "of another stage": (("--set", "risk/sterss.decay=1"), "--set: risk/sterss: unknown stage; did you mean"),
    "what the run sets": (("--set", "market/prices.as_of=x"), "--set: market/prices.as_of: is set for the"),
    "what a portfolio sets": (
        ("--set", "portfolio/positions.cash=7"),
        "--set: portfolio/positions.cash: is set for each portfolio",
    ),
    "a file that is not there": (
        ("--set", "risk/stress.scenario_files=[none.yaml]"),
        "--set: risk/stress.scenario_files: none.yaml: no such file",
    ),
    "a day before the data": (("--as-of", "2022-11-30"), "command line: --as-of: 2022-11-30 lies before the"),
}


@pytest.mark.parametrize("case", OPTIONS)
def test_a_fault_of_an_option_is_blamed_on_it(command, tmp_path, case):
    arguments, words = OPTIONS[case]
    code, _, told = said(command, tmp_path, {}, "validate", "params.yaml", *arguments)
    assert code == 2
    assert any(line.startswith(f"error: {words}") for line in told), told
    assert not [line for line in told if "params.yaml:" in line], told


def test_outputs_that_cannot_be_made_are_blamed_on_the_option(command, tmp_path):
    Input("world", {}).lay_out(tmp_path)
    done = command("run", "params.yaml", "--outputs", "/proc/nothing", cwd=tmp_path)
    assert done.code == 2, done
    assert done.err.startswith("error: --outputs: /proc/nothing cannot be ")
    assert done.err.count("\n") == 1


def test_nothing_of_a_file_that_is_none_of_ours_is_told(command, tmp_path):
    secret = b"root:x:0:0:secret:/root:/bin/bash,secret\n"
    for name in ("book.csv", "trades.csv", "scenarios/own.yaml", "data/prices.csv", "data/actions.csv"):
        code, out, told = said(command, tmp_path / name, {name: secret}, "validate", "params.yaml")
        assert code == 2
        assert "secret" not in "".join([*out, *told]), name


def test_help_is_the_commands_own_and_says_what_is_passed_on(command, tmp_path):
    for name, words in (
        ("run", "--refresh"),
        ("plan", "--as-of"),
        ("validate", "--set"),
        ("verify", "--anyway"),
        ("runs", "--outputs"),
        ("clean", "--keep"),
        ("lab", "is passed on"),
        ("test", "passed on to pytest"),
        ("check", "architecture"),
        ("bench", "portfolio"),
    ):
        for flag in ("--help", "-h"):
            done = command(name, flag, cwd=tmp_path)
            assert (done.code, done.err) == (0, "")
            assert done.out.startswith(f"usage: run_all.py {name}")
            assert words in " ".join(done.out.split())


@pytest.mark.parametrize("arguments", [("runs",), ("validate", "params.yaml"), ("--help",), ("runx",)])
def test_a_reader_that_has_gone_away_is_no_fault(tmp_path, arguments):
    Input("world", {}).lay_out(tmp_path)
    for stream in ("stdout", "stderr"):
        reader, writer = os.pipe()
        os.close(reader)
        command = [sys.executable, str(ROOT / "run_all.py"), *arguments]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: writer}
        done = subprocess.run(command, cwd=tmp_path, text=True, check=False, timeout=120, **streams)
        os.close(writer)
        assert done.returncode in (0, 2)
        assert "Traceback" not in (done.stdout or "") + (done.stderr or "")
        assert "BrokenPipe" not in (done.stdout or "") + (done.stderr or "")
