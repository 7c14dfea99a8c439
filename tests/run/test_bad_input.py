"""Bad files and options through the shipped command: each is one sentence that names place, fault and mend.

Bad settings of stages are in ``test_settings_of_stages.py``; ``tests/fuzz`` holds what no table could list.
"""

from __future__ import annotations

import subprocess
import sys

import pyarrow as pa
import pytest
from forked_command import ROOT, ForkedCommand
from fuzz import parquets, verdict, world
from fuzz.world import GOOD, ODD, Input

PLAIN = "give the path of a plain file"
FOLDER = "give the path of a folder, which may be absent"
DEEP = b"[" * 100_000
LONG = "n" * 300
HEADER = GOOD["book.csv"].partition(b"\n")[0] + b"\n"


def instead(name: str, content, *words: str) -> tuple[dict, tuple, tuple]:
    """Something in the place of a good file."""
    inside = {one: None for one in GOOD if one.startswith(f"{name}/")}
    return {**inside, name: content}, (), words


def odd(name: str, kind: str, *words: str) -> tuple[dict, tuple, tuple]:
    return instead(name, ODD[kind], *words)


def edited(name: str, old: str, new: str, *words: str) -> tuple[dict, tuple, tuple]:
    good = GOOD[name].decode()
    assert old in good
    return {name: good.replace(old, new).encode()}, (), words


def option(*arguments: str) -> tuple[dict, tuple, tuple]:
    """The last argument is what the message must hold."""
    *given, words = arguments
    return {}, tuple(given), (words,)


def parquet(table: str, column: str, holds: str, *words: str) -> tuple[dict, tuple, tuple]:
    good = parquets.good(table, 3)
    place, values = good.column_names.index(column), parquets.COLUMNS[holds](len(good))
    return as_parquet(table, parquets.written(good.set_column(place, column, values)), *words)


def as_parquet(table: str, content: bytes, *words: str) -> tuple[dict, tuple, tuple]:
    return parquets.place(table, content, "").files, (), (f"{table}.parquet:", *words)


FILES = {
    "params are a pipe": odd("params.yaml", "a pipe", "params.yaml: it is a pipe, not a plain file; ", PLAIN),
    "params are a socket": odd("params.yaml", "a socket", "params.yaml: it is a socket"),
    "params are a device": odd("params.yaml", "a device without an end", "params.yaml: it is a device"),
    "params are a folder": odd("params.yaml", "a folder", "params.yaml: it is a folder"),
    "params are a circle": odd("params.yaml", "a link to itself", "it is a link that leads in a circle"),
    "params lead nowhere": odd("params.yaml", "a link to nowhere", "it is a link that leads nowhere"),
    "params are shut": odd("params.yaml", "a file that is shut", "params.yaml: it may not be read"),
    "params are 3 GB": odd(
        "params.yaml", "3 GB of nothing", "3,072.0 MB (FILE_TOO_LARGE); keep the file within 1"
    ),
    "params are memory": odd("params.yaml", "a file of the kernel", "it cannot be read (Input/output error)"),
    "params are UTF-16": instead("params.yaml", "name: x".encode("utf-16"), "params.yaml:1: not UTF-8"),
    "params are deep": instead("params.yaml", DEEP, "params.yaml:1: nested too deeply; at most 20 levels"),
    "params are deep below": edited("params.yaml", "seed: 7", f"seed: {'- ' * 9000}", "params.yaml:4: "),
    "params have many values": instead(
        "params.yaml", b"a: [" + b"1," * 60_000 + b"]", "more than 50,000 keys"
    ),
    "params have many portfolios": instead(
        "params.yaml",
        GOOD["params.yaml"].partition(b"portfolios:")[0]
        + b"portfolios:\n"
        + b"".join(b"  - {id: p%d, positions: book.csv}\n" % n for n in range(5000))
        + b"".join(GOOD["params.yaml"].partition(b"stages:\n  market")[1:]),
        "portfolios: 5,000 portfolios; split the file; at most 500",
    ),
    "a seed of 5,000 digits": edited(
        "params.yaml", "seed: 7", "seed: " + "9" * 5000, "params.yaml:4: seed: found"
    ),
    "cash of 5,000 digits": edited(
        "params.yaml", "10000.5", "9" * 5000, "portfolios[0].cash: found", "(5,00"
    ),
    "a name that rings": edited(
        "params.yaml", "name: fuzz", 'name: "\\a\\e[2J"', "name: found '\\x07\\x1b[2J'"
    ),
    "a key that rings": edited(
        "params.yaml", "seed: 7", '"\\e[2J": 7', "params.yaml:4: \\x1b[2J: unknown key"
    ),
    "a path of 300 letters": edited("params.yaml", "book.csv", LONG, "its name is too long"),
    "positions are a pipe": odd(
        "book.csv", "a pipe", "params.yaml:7: portfolios[0].positions: book.csv: it is a pipe"
    ),
    "positions are a socket": odd("book.csv", "a socket", "book.csv: it is a socket"),
    "positions are a folder": odd("book.csv", "a folder", "book.csv: it is a folder, not a plain file"),
    "positions are a circle": odd(
        "book.csv", "a link to itself", "book.csv: it is a link that leads in a circle"
    ),
    "positions are 3 GB": odd("book.csv", "3 GB of nothing", "book.csv: 3,072.0 MB (FILE_TOO_LARGE)"),
    "positions are shut": odd("book.csv", "a file that is shut", "book.csv: it may not be read"),
    "positions are lines": instead(
        "book.csv", HEADER + b"\n" * 200_000 + b"x", "more than 100,000 lines (TOO_MANY"
    ),
    "trades lead nowhere": odd(
        "trades.csv", "a link to nowhere", "portfolios[0].trades: trades.csv: it is a link"
    ),
    "trades are a device": odd("trades.csv", "a device without an end", "trades.csv: it is a device"),
    "trades are commas": instead("trades.csv", b"," * 3_000_000, "3,000,001 columns (TOO_MANY_COLUMNS)"),
    "scenarios are a pipe": odd(
        "scenarios/own.yaml", "a pipe", "stages.risk/stress.scenario_files", "own.yaml: it is a pipe"
    ),
    "scenarios lead nowhere": odd(
        "scenarios/own.yaml", "a link to nowhere", "scenarios/own.yaml: it is a link that leads nowhere"
    ),
    "the folder is shut": odd("scenarios", "a folder that is shut", "scenarios: it may not be read"),
    "scenarios are deep": instead(
        "scenarios/own.yaml", b"scenarios: " + DEEP, "own.yaml:1: nested too deeply"
    ),
    "a shock of 100,000 digits": edited(
        "scenarios/own.yaml", "-0.30", "-0." + "3" * 100_000 + "x", "own.yaml:6: ", "characters"
    ),
    "data are a pipe": odd(
        "data", "a pipe", "data.path: no folder data; name a folder that holds prices.csv"
    ),
    "data are a circle": odd("data", "a link to itself", "data.path: no folder data"),
    "data are shut": odd(
        "data", "a folder that is shut", "params.yaml:5: data.path: data: it may not be read"
    ),
    "prices are a pipe": odd("data/prices.csv", "a pipe", "prices.csv: it is a pipe, not a plain file"),
    "prices lead nowhere": odd(
        "data/prices.csv", "a link to nowhere", "prices.csv: it is a link that leads nowhere"
    ),
    "prices are 3 GB": odd(
        "data/prices.csv",
        "3 GB of nothing",
        "prices.csv: 3,072.0 MB (FILE_TOO_LARGE); keep the file within 191",
    ),
    "yields are a device": odd("data/yields.csv", "a device without an end", "yields.csv: it is a device"),
    "yields are blank": instead("data/yields.csv", b"\n \r\n" * 2_000_000, "yields.csv: the file is empty"),
    "yields are commas": instead("data/yields.csv", b"," * 3_000_000, "yields.csv:1: 3,000,001 columns"),
    "lists in a column": parquet(
        "prices", "close", "lists", "close: a column of list<element: int64>; store plain text"
    ),
    "maps in a column": parquet("yields", "rate", "maps", "rate: a column of map<string, int64"),
    "structs in a column": parquet(
        "prices", "symbol", "structs", "symbol: a column of struct<a: int64, b: string>"
    ),
    "bad UTF-8 in a column": parquet(
        "instruments", "name", "bad text", "name: a text that is not UTF-8; write the file"
    ),
    "a long text in a column": parquet(
        "prices", "symbol", "one text of 1,000,000", "symbol: a text of more than 1,000 bytes"
    ),
    "the last moment there is": parquet(
        "actions", "date", "last moments in us", "date: a moment before 1678-01-01 or after"
    ),
    "the first day there is": parquet(
        "prices", "date", "first days", "date: a moment before 1678-01-01 or after"
    ),
    "bytes in a column": parquet("prices", "symbol", "bytes", "symbol: a column of binary; store plain text"),
    "no columns": as_parquet(
        "prices", parquets.written(pa.table({})), "no such column in the header; begin the file"
    ),
    "an empty Parquet file": as_parquet("yields", b"", "cannot be read as Parquet; write the file again"),
    "half a Parquet file": as_parquet(
        "yields", parquets.written(parquets.good("yields"))[:500], "cannot be read as Parquet"
    ),
    "an encrypted file": as_parquet(
        "yields",
        parquets._encrypted(parquets.good("yields"), plain_footer=False),
        "cannot be read as Parquet",
    ),
    "encrypted columns": as_parquet(
        "yields", parquets._encrypted(parquets.good("yields"), plain_footer=True), "cannot be read as Parquet"
    ),
}
OPTIONS = {
    "no home": option("--outputs", "~nosuchuser/x", "--outputs: no home of '~nosuchuser/x'; " + FOLDER),
    "outputs of no name": option("--outputs", "", "--outputs: '': it is no folder; " + FOLDER),
    "outputs with a NUL": option("--outputs", "a\0b", "a NUL in the command line; no name"),
    "outputs too long": option("--outputs", LONG, "its name is too long; " + FOLDER),
    "outputs are a file": option("--outputs", "book.csv", "--outputs: 'book.csv': it is no folder"),
    "outputs in a file": option("--outputs", "book.csv/x", "--outputs: 'book.csv/x': a part of its path"),
    "the first day": option("--as-of", "0001-01-01", "--as-of: found '0001-01-01'; give a date"),
    "no day": option("--as-of", "2022-02-30", "--as-of: found '2022-02-30'; give a date as YYYY-MM-DD"),
    "a day that rings": option("--as-of", "\x1b[2J", "--as-of: found '\\x1b[2J'"),
    "a day of 100,000": option("--as-of", "x" * 100_000, "characters) …"),
    "a deep setting": option(
        "--set", "risk/stress.shock_cap=" + "[" * 100_000, "--set: risk/stress.shock_cap: nested too deeply"
    ),
    "a setting of 5,000 digits": option(
        "--set", f"risk/stress.shock_cap={'9' * 5000}", "--set: risk/stress.shock_cap"
    ),
    "a setting with a NUL": option("--set", "risk/stress.shock_cap=\0", "a NUL in the command line"),
    "a setting of two": option(
        "--set",
        "risk/stress.shock_cap=1\nx: 2",
        "--set: risk/stress.shock_cap: more than one value; give one",
    ),
    "a stage that rings": option("--only", "\x07\x1b]0;x", "--only: no stage '\\x07\\x1b]0;x'"),
    "a portfolio of 100,000": option("--portfolio", "x" * 100_000, "--portfolio: no portfolio 'xxx"),
    "an option that rings": option("--nosuch\x1b[2J", "unrecognized arguments: --nosuch\\x1b[2J"),
    "many files": option(
        "--set",
        f"risk/stress.scenario_files=[{','.join(['scenarios/own.yaml'] * 300)}]",
        "300 files; name at most 200",
    ),
}
COMMANDS = {
    "a limit that is no number": (("run", "params.yaml", "--timeout", "nan"), "must be positive"),
    "an endless limit": (("run", "params.yaml", "--timeout", "inf"), "must be positive"),
    "jobs of 5,000 digits": (("run", "params.yaml", "--jobs", "9" * 5000), "--jobs: invalid int value"),
    "params with a NUL": (("validate", "a\0b"), "a NUL in the command line; no name"),
    "params too long": (("validate", LONG), "its name is too long"),
    "params in a file": (("validate", "book.csv/x"), "book.csv/x: a part of its path is no folder"),
    "params of no name": (("validate", ""), "it is a folder, not a plain file"),
    "params of a device": (("validate", "/dev/zero"), "/dev/zero: it is a device, not a plain file"),
    "params whose name is no text": (("validate", "\udcff.yaml"), "\\udcff.yaml: no such file"),
    "a command of 300": ((LONG,), "no command and no params file"),
    "a command that rings": (("\x1b[2J",), "no command and no params file '\\x1b[2J'"),
}


@pytest.fixture(scope="module")
def command():
    with ForkedCommand() as running:
        yield running


def refused(command, tmp_path, one: Input, *words: str) -> None:
    done, faults = verdict.carry_out(command, one, tmp_path / "world")
    assert not faults, done
    assert done.code == 2
    assert done.err.count("\n") == 1
    assert done.out == ""
    assert not [part for part in words if part not in done.err], done.err
    assert str(tmp_path) not in done.err


@pytest.mark.parametrize("case", FILES)
def test_a_bad_file_is_refused_in_one_sentence(command, tmp_path, case):
    files, _, words = FILES[case]
    refused(command, tmp_path, Input(case, files, codes=(2,)), *words)


@pytest.mark.parametrize("case", OPTIONS)
def test_a_bad_option_is_refused_in_one_sentence(command, tmp_path, case):
    _, more, words = OPTIONS[case]
    refused(command, tmp_path, Input(case, {}, ("validate", "params.yaml", *more), (2,)), *words)


@pytest.mark.parametrize("case", COMMANDS)
def test_a_bad_command_line_is_refused_in_one_sentence(command, tmp_path, case):
    arguments, words = COMMANDS[case]
    refused(command, tmp_path, Input(case, {}, arguments, (2,)), words)


HARMLESS = {
    **{f"beside the data is {kind}": {"data/notes.txt": make} for kind, make in ODD.items()},
    **{f"beside the scenarios is {kind}": {"scenarios/.#own.yaml": make} for kind, make in ODD.items()},
}


@pytest.mark.parametrize("case", HARMLESS)
def test_an_odd_file_that_nobody_asks_for_does_no_harm(command, tmp_path, case):
    one = Input(case, HARMLESS[case], codes=(0,))
    done, faults = verdict.carry_out(command, one, tmp_path / "world")
    assert not faults, done


def test_an_unasked_column_of_any_size_or_type_is_not_read(command, tmp_path):
    good = parquets.good("prices")
    huge = pa.DictionaryArray.from_arrays(pa.array([0] * len(good), pa.int32()), pa.array(["x" * 10_000_000]))
    table = good.append_column("notes", huge).append_column("more", parquets.COLUMNS["lists"](len(good)))
    one = parquets.place("prices", parquets.written(table), "huge")
    assert len(one.files["data/prices.parquet"]) < 1_000_000
    done, faults = verdict.carry_out(command, one, tmp_path / "world")
    assert (done.code, faults) == (0, [])
    assert done.megabytes < 500


def test_an_asked_column_that_would_unfold_into_gigabytes_is_refused_before(command, tmp_path):
    rows = 1_100_000
    tenor = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["x" * 999]))
    table = pa.table({"date": pa.nulls(rows, pa.date32()), "tenor": tenor, "rate": pa.nulls(rows)})
    content = parquets.written(table)
    assert len(content) < 200_000
    one = parquets.place("yields", content, "unfolds")
    refused(command, tmp_path, one, "yields.parquet: tenor: 1,048 MB once it is unfolded (FILE_TOO_LARGE)")


def test_a_name_that_is_no_text_or_rings_is_shown_by_its_signs(command, tmp_path):
    for name, shown in (("\udcff.yaml", "\\udcff.yaml"), ("\x07.yaml", "\\x07.yaml")):
        one = Input(name, {name: GOOD["params.yaml"]}, ("validate", name), (0,))
        done, faults = verdict.carry_out(command, one, tmp_path / "world")
        assert not faults, done
        assert f"{shown} is valid" in done.out


def test_the_program_itself_says_the_same(tmp_path):
    world.Input("a pipe", {"book.csv": ODD["a pipe"]}).lay_out(tmp_path)
    done = subprocess.run(
        [sys.executable, ROOT / "run_all.py", "validate", "params.yaml", "--outputs", "out"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == (
        "error: params.yaml:7: portfolios[0].positions: book.csv: it is a pipe, not a plain file; "
        "give the path of a plain file\n"
    )
