"""Evil options, and odd kinds of files wherever a file is named."""

from __future__ import annotations

from collections.abc import Iterator

from fuzz.mutations import EVIL
from fuzz.world import GOOD, ODD, Input

ASK = ("validate", "params.yaml")
LONG = "n" * 300
REFUSED: tuple[tuple[str, ...], ...] = (
    ("run", "params.yaml", "--timeout", "nan"),
    ("run", "params.yaml", "--timeout", "inf"),
    ("run", "params.yaml", "--timeout", "-1"),
    ("run", "params.yaml", "--timeout", "1e400"),
    ("run", "params.yaml", "--timeout", "x" * 3000),
    ("run", "params.yaml", "--jobs", "0"),
    ("run", "params.yaml", "--jobs", "9" * 5000),
    ("run", "params.yaml", "--jobs", "1.5"),
    ("run", "params.yaml", "--jobs", "１"[:0]),
    (*ASK, "--outputs", "~nosuchuser/x"),
    (*ASK, "--outputs", "a\0b"),
    (*ASK, "--outputs", LONG),
    (*ASK, "--outputs", "params.yaml"),
    (*ASK, "--outputs", "params.yaml/inside"),
    (*ASK, "--outputs", ""),
    (*ASK, "--as-of", ""),
    (*ASK, "--as-of", "0001-01-01"),
    (*ASK, "--as-of", "0000-00-00"),
    (*ASK, "--as-of", "2022-02-30"),
    (*ASK, "--as-of", "a\0b"),
    (*ASK, "--as-of", "\x1b[2J" * 1000),
    (*ASK, "--as-of"),
    (*ASK, "--set"),
    (*ASK, "--set", "x"),
    (*ASK, "--set", "=" * 5000),
    (*ASK, "--set", "risk/stress.shock_cap=" + "9" * 5000),
    (*ASK, "--set", "risk/stress.shock_cap=" + "[" * 100_000),
    (*ASK, "--set", "risk/stress.shock_cap=1\nx: 2"),
    (*ASK, "--set", "risk/stress.shock_cap=*x"),
    (*ASK, "--set", "risk/stress.shock_cap=\0"),
    (*ASK, "--set", "risk/stress.shock_cap="),
    (*ASK, "--set", "risk/stress.shock_cap=.inf"),
    (*ASK, "--set", "risk/stress.scenario_files=[/dev/zero]"),
    (*ASK, "--set", "risk/stress.scenario_files=[" + ",".join(["scenarios/own.yaml"] * 5000) + "]"),
    (*ASK, "--set", f"risk/stress.scenario_files=[{LONG}]"),
    (*ASK, "--set", "\x1b[2J.\0=1"),
    (*ASK, "--set", "x" * 100_000 + ".y=1"),
    (*ASK, "--only", "\0"),
    (*ASK, "--only", "x" * 100_000),
    (*ASK, "--only", "\x1b]0;title\x07"),
    (*ASK, "--portfolio", "\x1b[2J"),
    (*ASK, "--portfolio", "x" * 100_000),
    (*ASK, "--nosuch\x1b[2J"),
    (*ASK, "--" + "x" * 100_000),
    (*ASK, "more", "\x1b[2J"),
    ("validate", "a\0b"),
    ("validate", LONG),
    ("validate", f"{LONG}/params.yaml"),
    ("validate", "x/" * 3000 + "params.yaml"),
    ("validate", "params.yaml/inside"),
    ("validate", "/dev/zero"),
    ("validate", "/dev/stdin"),
    ("validate", "."),
    ("validate", ""),
    ("validate", "\udcff.yaml"),
    ("validate", "\x1b[2J.yaml"),
    ("\0",),
    (LONG,),
    ("\x1b[2J",),
    ("x" * 100_000,),
    ("a/" * 3000,),
    ("-" * 100,),
    ("verify", "..", "--outputs", "out"),
    ("verify", "\0", "--outputs", "out"),
    ("verify", LONG, "--outputs", "out"),
)
"""Command lines that must be refused."""


def options() -> Iterator[Input]:
    """Command lines about the good world; those of ``REFUSED`` and evil values of each option."""
    for n, arguments in enumerate(REFUSED):
        yield Input(f"refused {n}: {' '.join(arguments)[:60]!r}", {}, arguments, (2,))
    for value in EVIL:
        for n, extra in enumerate(
            (
                ("--as-of", value),
                ("--only", value),
                ("--portfolio", value),
                ("--set", f"risk/stress.shock_cap={value}"),
                ("--set", f"risk/stress.scenario_files={value}"),
                ("--set", value),
            )
        ):
            yield Input(f"{extra[0]} ({n}) {value[:20]!r}", {}, (*ASK, *extra))
    yield Input(
        "a params file whose name is no text",
        {"\udcff.yaml": GOOD["params.yaml"]},
        ("validate", "\udcff.yaml"),
    )
    yield Input(
        "a params file whose name rings",
        {"\x07\x1b[2J.yaml": GOOD["params.yaml"]},
        ("validate", "\x07\x1b[2J.yaml"),
    )


def odd_files() -> Iterator[Input]:
    """Each odd kind at each place where a file is read; and beside those files, where nobody asks for it."""
    places = ("params.yaml", "book.csv", "trades.csv", "scenarios/own.yaml", "scenarios", "data")
    for kind, make in ODD.items():
        for place in places:
            files = {name: None for name in GOOD if name.startswith(f"{place}/")}
            codes = (2,) if (place, kind) != ("data", "a list of folders") else (0, 2)
            yield Input(f"{place} is {kind}", {**files, place: make}, codes=codes)
        for table in ("prices", "yields"):
            for ending in ("csv", "parquet"):
                files = {f"data/{table}.csv": None, f"data/{table}.{ending}": make}
                yield Input(f"data/{table}.{ending} is {kind}", files, codes=(2,))
        yield Input(f"data/notes.txt is {kind}", {"data/notes.txt": make})
        yield Input(f"data/.#prices.csv is {kind}", {"data/.#prices.csv": make})
        yield Input(f"scenarios/.#own.yaml is {kind}", {"scenarios/.#own.yaml": make})
        yield Input(f"out is {kind}", {"out": make})
