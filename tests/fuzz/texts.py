"""Evil texts made by hand: params files, portfolios, trades, scenarios and CSV data."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import yaml

from fuzz.mutations import EVIL
from fuzz.world import GOOD, TABLES

PARAMS = GOOD["params.yaml"].decode()
DEEP = 100_000
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 10**30, int("9" * 4000), "", "x" * 2000, [], {}, [[]], [None], {"": ""}),
    *({"a": {"b": {"c": []}}}, ["x"] * 3000, {f"k{n}": n for n in range(3000)}, [[["x"]]], "a\0b", "\x1b[2J"),
    *("\u202ex", "..", "/dev/zero", "data", "latest", "9999-12-31", "0001-01-01", "~nosuchuser", "n" * 300),
    *(float("nan"), float("inf"), "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace")),
)


def params_texts() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Whole params files: a label and the content."""
    book = "  - {{id: p{0}, positions: book.csv}}\n"
    head = PARAMS.partition("portfolios:")[0]
    many = head + "portfolios:\n" + "".join(book.format(n) for n in range(20_000))
    yield "nothing", lambda: b""
    yield "a comment", lambda: b"# nothing\n"
    yield "20,000 portfolios", lambda: many.encode()
    yield (
        "5,000 portfolios",
        lambda: (head + "portfolios:\n" + "".join(book.format(n) for n in range(5000))).encode(),
    )
    for sign in ("[", "{", "- ", "? ", "[{", "a: [", "{a: ", "!!x [", "&a ["):
        yield f"{DEEP} bytes of {sign!r}", partial(_deep, sign)
        yield f"a good start and then {sign!r}", partial(_deep, sign, PARAMS + "more: ")
    yield "steps of spaces", lambda: "".join(f"{' ' * n}a:\n" for n in range(1000)).encode()
    yield "an endless flow that ends", (lambda: b"a: " + b"[" * 20_000 + b"]" * 20_000)
    yield "a key of 100,000 letters", lambda: (PARAMS + "x" * 100_000 + ": 1\n").encode()
    yield "a key of 1,000 letters", lambda: (PARAMS + "x" * 1000 + ": 1\n").encode()
    yield "a key with an escape", lambda: (PARAMS + '"\\x1b[2J\\x00": 1\n').encode()
    yield "a name with a NUL", lambda: PARAMS.replace("The one", "a\\x00b").encode()
    yield "a name with a surrogate", lambda: PARAMS.replace("The one", "a\\ud800b").encode()
    yield "a name with colours", lambda: PARAMS.replace("The one", "\\x1b[31mred").encode()
    yield "100,000 keys", lambda: (PARAMS + "".join(f"k{n}: 1\n" for n in range(80_000))).encode()
    yield "an anchor bomb", lambda: b"a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    yield "5,000 stages", lambda: (PARAMS + "".join(f"  a/s{n}: {{}}\n" for n in range(5000))).encode()
    yield "900,000 spaces", lambda: PARAMS.encode() + b" " * 900_000
    yield "900,000 lines", lambda: PARAMS.encode() + b"\n" * 900_000
    yield "a comment of 900,000", lambda: PARAMS.encode() + b"#" * 900_000
    yield "1.1 MB", lambda: PARAMS.encode() + b"#" * 1_100_000
    yield "a quote of 900,000", lambda: PARAMS.encode() + b'z: "' + b"x" * 900_000
    yield "two documents", lambda: PARAMS.encode() + b"---\n" + PARAMS.encode()
    yield "900 thousand documents", lambda: b"---\n" * 225_000
    yield "a Parquet file", lambda: b"PAR1" + bytes(100) + b"PAR1"
    yield "an ELF file", lambda: b"\x7fELF" + bytes(range(256)) * 4


def params_values() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Every value of the good params in turn replaced by every evil one."""
    good = yaml.safe_load(PARAMS)
    good["as_of"] = "2022-12-28"
    for path in _paths(good):
        for n, value in enumerate((*VALUES, *random.Random(str(path)).sample(EVIL, 10))):
            yield f"{'.'.join(map(str, path))} is evil {n}", partial(_spoilt, good, path, value)


def _deep(sign: str, start: str = "") -> bytes:
    return (start + sign * (DEEP // len(sign))).encode()


def _spoilt(good: dict, path: tuple, value: Any) -> bytes:
    data = json.loads(json.dumps(good))
    _put(data, path, value)
    return json.dumps(data, ensure_ascii=False).encode()


def _paths(data: Any, path: tuple = ()) -> list[tuple]:
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [*([path] if path else []), *(one for key, value in inner for one in _paths(value, (*path, key)))]


def _put(data: Any, path: tuple, value: Any) -> None:
    for key in path[:-1]:
        data = data[key]
    data[path[-1]] = value


def csv_texts(good: bytes) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Evil CSV files made of a good one."""
    header, _, rows = good.partition(b"\n")
    width = header.count(b",")
    row = rows.partition(b"\n")[0]
    yield "nothing", lambda: b""
    yield "a blank", lambda: b" \n"
    yield "the header only", lambda: header + b"\n"
    yield "the header without an end", lambda: header
    yield "4,000,000 commas", lambda: good + b"," * 4_000_000
    yield "a header of 4,000,000 commas", lambda: b"," * 4_000_000 + b"\n" + rows
    yield "a header and 4,000,000 commas", lambda: header + b"," * 4_000_000 + b"\n" + rows
    yield (
        "a header of 3,000 names",
        lambda: header + b"".join(b",c%d" % n for n in range(3000)) + b"\n" + rows,
    )
    yield "a header name of 1,000,000", lambda: header + b"," + b"x" * 1_000_000 + b"\n" + rows
    yield "4,000,000 line ends", lambda: good + b"\n" * 4_000_000
    yield "4,000,000 line ends within", lambda: header + b"\n" * 4_000_000 + rows
    yield "4,000,000 returns", lambda: good + b"\r" * 4_000_000
    yield "300,000 lines of commas", lambda: good + (b"," * width + b"\n") * 300_000
    yield "a quote that never ends", lambda: good + b'"' + b"x" * 4_000_000
    yield "4,000,000 quotes", lambda: good + b'"' * 4_000_000
    yield "a cell of 4,000,000", lambda: good + b"x" * 4_000_000 + b"," * width + b"\n"
    yield "a cell of 100,000", lambda: good + b"x" * 100_000 + b"," * width + b"\n"
    yield "every cell is 3,000 letters", lambda: good + b",".join([b"y" * 3000] * (width + 1)) + b"\n"
    yield "NULs", lambda: good + b"\0" * 1000
    yield "11 MB", lambda: good + row + b"\n" * 11_000_000
    yield "12,000 rows", lambda: good + (row + b"\n") * 12_000
    yield "a zip", lambda: b"PK\x03\x04" + bytes(1000)
    yield "UTF-16", lambda: good.decode().encode("utf-16")
    yield "a row in a quote", lambda: header + b"\n" + b'"' + row + b'"\n'
    yield "quotes about everything", lambda: b'"' + good.replace(b'"', b"").replace(b",", b'","') + b'"'


def yaml_texts() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Evil scenario files."""
    good = GOOD["scenarios/own.yaml"]
    one = "  - {{id: s{0}, shocks: {{market: -0.1}}}}\n"
    for sign in ("[", "{", "- ", "? ", "[{"):
        yield f"{DEEP} bytes of {sign!r}", partial(_deep, sign)
        yield f"scenarios and {sign!r}", partial(_deep, sign, "scenarios: ")
    yield "nothing", lambda: b""
    yield "a list", lambda: b"- a\n- b\n"
    yield (
        "20,000 scenarios",
        lambda: ("scenarios:\n" + "".join(one.format(n) for n in range(20_000))).encode(),
    )
    yield "a bomb", lambda: b"a: &a [x]\nscenarios: [*a, *a]\n"
    yield "an alias in itself", lambda: b"scenarios: &a [*a]\n"
    yield "a name with a NUL", lambda: good.replace(b"A fall", b'"a\\x00\\x1b[2J"')
    yield "an endless number", lambda: good.replace(b"-0.30", b"-0." + b"3" * 100_000)
    yield "an endless whole number", lambda: good.replace(b"-0.30", b"-" + b"3" * 100_000)
    yield (
        "5,000 shocks",
        lambda: good.replace(b"market: -0.30", ", ".join(f"k{n}: 1" for n in range(5000)).encode()),
    )
    yield "a long key", lambda: good.replace(b"market:", b"m" * 100_000 + b":")
    yield "a tag", lambda: good.replace(b"A fall", b"!!python/object:os.system x")
    yield "1.1 MB", lambda: good + b"#" * 1_100_000
    yield "a quote of 900,000", lambda: good + b'z: "' + b"x" * 900_000


def makers() -> Iterator[tuple[str, str, Callable[[], bytes]]]:
    """Of every one: the file whose place it takes, a label, and the maker of the content."""
    for label, make in (*params_texts(), *params_values()):
        yield "params.yaml", label, make
    for name in ("book.csv", "trades.csv", *(f"data/{table}.csv" for table in TABLES)):
        for label, make in csv_texts(GOOD[name]):
            yield name, label, make
    for label, make in yaml_texts():
        yield "scenarios/own.yaml", label, make
