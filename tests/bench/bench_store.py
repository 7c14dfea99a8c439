"""The price store against one plain Parquet file and CSV: 5,000 symbols over ten years, generated.

Ours and the Parquet peer take turns in one process and must give the same rows, bit for bit; what each takes
of memory is the peak of a process of its own. What the checks of a read cost is said in processor time.
``BENCH_STORE_SYMBOLS=50`` makes the world small.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from report import head, line

from lib.market.store import PriceStore, files

SYMBOLS = int(os.environ.get("BENCH_STORE_SYMBOLS", "5000"))
BATCH = 500
DAYS = pd.bdate_range("2013-01-02", periods=2_520, unit="us")
NAMES = [f"G{number:05d}" for number in range(SYMBOLS)]
ONE, DAY = NAMES[SYMBOLS // 2], DAYS[1_700]
SOME = NAMES[:: max(SYMBOLS // BATCH, 1)][:BATCH]
START, END = pd.Timestamp("2019-01-01"), pd.Timestamp("2020-12-31")
PRICES = ["open", "high", "low", "close"]
TURNS = 3
"""How often ours, several times in a row, and the peer, once, are timed; the best of each counts."""


def bars(names: list[str], days: pd.DatetimeIndex = DAYS) -> pd.DataFrame:
    """Generated bars: random walks in cents, one value in five hundred missing."""
    rng = np.random.default_rng(int(names[0][1:]))
    shape = (len(names), len(days))
    close = 50 * np.exp(np.cumsum(rng.normal(0, 0.02, shape), axis=1)).ravel()
    frame = pd.DataFrame({"symbol": np.repeat(names, len(days)), "date": np.tile(days, len(names))})
    frame = frame.astype({"symbol": "str"})
    for name in PRICES:
        frame[name] = (close * rng.uniform(0.99, 1.01, close.size)).round(2)
    frame.loc[rng.random(close.size) < 0.002, "close"] = np.nan
    frame["volume"] = rng.integers(1_000, 5_000_000, close.size).astype(float)
    frame["dividend"] = np.where(rng.random(close.size) < 1 / 63, 0.25, 0.0)
    constant = {"split": 1.0, "source": "bench", "origin": "generated"}
    return frame.assign(**constant, fetched_at=pd.Timestamp("2023-01-02 18:00").as_unit("us"))


def batches() -> Iterator[pd.DataFrame]:
    """All bars in batches of symbols."""
    for at in range(0, SYMBOLS, BATCH):
        yield bars(NAMES[at : at + BATCH])


def write_store(folder: Path) -> float:
    """Seconds that the store takes for all batches in one commit."""
    begun = spent = 0.0
    with PriceStore(folder / "store").writing() as writer:
        for frame in batches():
            begun = time.perf_counter()
            writer.put(frame)
            spent += time.perf_counter() - begun
        begun = time.perf_counter()
    return spent + time.perf_counter() - begun


def write_parquet(folder: Path) -> float:
    """Seconds for one plain Parquet file, from one frame."""
    return _seconds(pd.concat(batches(), ignore_index=True).to_parquet, folder / "bars.parquet", index=False)


def write_csv(folder: Path) -> float:
    """Seconds for one CSV file, batch by batch."""
    spent = 0.0
    with open(folder / "bars.csv", "w") as handle:
        for number, frame in enumerate(batches()):
            spent += _seconds(frame.to_csv, handle, index=False, header=number == 0)
    return spent


def add_day(folder: Path) -> float:
    """Seconds to put one more day of every symbol and commit it, then the same again with other prices."""
    store, day = PriceStore(folder / "store"), pd.DatetimeIndex([DAYS[-1] + pd.offsets.BDay()])
    frame = bars(NAMES, day.as_unit("us"))

    def put(frame: pd.DataFrame) -> None:
        with store.writing() as writer:
            writer.put(frame)

    return min(_seconds(put, frame.assign(close=close)) for close in (1.0, 2.0, 3.0))


def parquet(folder: Path, columns: list[str] | None = None, **filters) -> pd.DataFrame:
    """Rows of the plain file as its filters give them."""
    return pd.read_parquet(folder / "bars.parquet", columns=columns, **filters)


def csv(folder: Path, columns: list[str] | None = None) -> pd.DataFrame:
    """The CSV file, or columns of it."""
    return pd.read_csv(folder / "bars.csv", usecols=columns, parse_dates=["date"])


def wide(frame: pd.DataFrame) -> pd.DataFrame:
    """Close as dates x symbols by pandas."""
    return frame.pivot(index="date", columns="symbol", values="close")  # noqa: PD010


WIDE = ["symbol", "date", "close"]
YEARS = [("symbol", "in", SOME), ("date", ">=", START), ("date", "<=", END)]
READS: dict[str, tuple[str, int, Callable, Callable, Callable | None]] = {
    "close, dates x symbols": (
        ">= 25x",
        5,
        lambda folder: PriceStore(folder / "store").wide("close"),
        lambda folder: wide(parquet(folder, WIDE)),
        lambda folder: wide(csv(folder, WIDE)),
    ),
    "one symbol": (
        ">= 5x",
        15,
        lambda folder: PriceStore(folder / "store").bars(ONE),
        lambda folder: parquet(folder, filters=[("symbol", "==", ONE)]),
        lambda folder: csv(folder).query("symbol == @ONE"),
    ),
    "one day": (
        "",
        5,
        lambda folder: PriceStore(folder / "store").day(DAY),
        lambda folder: parquet(folder, filters=[("date", "==", DAY)]),
        None,
    ),
    f"{len(SOME)} symbols over two years": (
        "",
        5,
        lambda folder: PriceStore(folder / "store").bars(SOME, start=START, end=END),
        lambda folder: parquet(folder, filters=YEARS),
        None,
    ),
}
WRITES = {"store": write_store, "parquet": write_parquet, "csv": write_csv, "day": add_day}


def turns(folder: Path, work: str) -> dict:
    """Best seconds of ours and of the peer, taking turns, and what checks cost; the results are equal."""
    _, count, ours, peer, _ = READS[work]
    found, expected = ours(folder), peer(folder)
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
    del found, expected
    times: dict[str, list[float]] = {"ours": [], "peer": [], "checked": [], "unchecked": []}
    for _ in range(TURNS):
        times["peer"].append(_seconds(peer, folder))
        for _ in range(count):
            times["ours"].append(_seconds(ours, folder))
        for _ in range(count):
            times["checked"].append(_seconds(ours, folder, clock=time.process_time))
            with unchecked():
                times["unchecked"].append(_seconds(ours, folder, clock=time.process_time))
    best = {name: min(spent) for name, spent in times.items()}
    return best | {"checks": best["checked"] / best["unchecked"] - 1}


@contextmanager
def unchecked() -> Iterator[None]:
    """The store without its checks of what it reads, to know what they cost."""

    def opened(handle, file):
        texts = files.TEXTS if file.groups else None
        return files.pq.ParquetFile(handle, read_dictionary=texts, pre_buffer=False)

    def table(parquet, groups, columns):
        wanted = range(parquet.num_row_groups) if groups is None else groups
        return parquet.read_row_groups(list(wanted), columns=columns, use_threads=False)

    with patch.object(files, "_verified", opened), patch.object(files, "_table", table):
        yield


def child(task: str, folder: Path, *arguments: str) -> dict:
    """What a process of its own says about a task, its peak of memory included."""
    command = [sys.executable, __file__, task, str(folder), *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Print the comparisons, memory and sizes."""
    rows = SYMBOLS * len(DAYS) / 1e6
    head(f"Price store, {SYMBOLS:,} symbols x {len(DAYS):,} days = {rows:.1f}M rows, all generated")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        told = {name: child("write", folder, name) for name in WRITES if name != "day"}
        for peer in ("parquet", "csv"):
            peaks = f"peak {told['store']['peak']:,.0f} MB, {peer} {told[peer]['peak']:,.0f} MB"
            line(f"write all, against {peer}", told["store"]["seconds"], told[peer]["seconds"], "", peaks)
        for work in READS:
            _read(folder, work)
        sizes = {name: _size(folder / at) for name, at in PLACES.items()}
        day = child("write", folder, "day")
        line("one more day of every symbol", day["seconds"], None, "", f"peak {day['peak']:,.0f} MB")
    print("; ".join(f"{name} {size:,.0f} MB" for name, size in sizes.items()) + " on disk")
    print(f"a process that has only imported pandas and the store: {child('idle', Path())['peak']:,.0f} MB")


PLACES = {"store": "store", "parquet": "bars.parquet", "csv": "bars.csv"}


def _read(folder: Path, work: str) -> None:
    goal, *_, by_csv = READS[work]
    best = child("turns", folder, work)
    peaks = {side: child("peak", folder, work, side)["peak"] for side in ("ours", "peer")}
    note = (
        f"peak {peaks['ours']:,.0f} MB, peer {peaks['peer']:,.0f} MB; same rows; checks {best['checks']:+.0%}"
    )
    line(work, best["ours"], best["peer"], goal, note)
    if by_csv is not None:
        told = child("peak", folder, work, "csv")
        line(f"{work}, against csv", best["ours"], told["seconds"], "", f"peer {told['peak']:,.0f} MB")


def _size(path: Path) -> float:
    parts = path.rglob("*") if path.is_dir() else [path]
    return sum(part.stat().st_size for part in parts) / 1e6


def _seconds(work: Callable, *arguments, clock: Callable = time.perf_counter, **named) -> float:
    begun = clock()
    work(*arguments, **named)
    return clock() - begun


def _serve(task: str, folder: Path, *arguments: str) -> dict:
    """A task of a child process."""
    if task == "write":
        return {"seconds": WRITES[arguments[0]](folder)}
    if task == "turns":
        return turns(folder, arguments[0])
    if task == "peak":
        _, _, ours, peer, by_csv = READS[arguments[0]]
        return {"seconds": _seconds({"ours": ours, "peer": peer, "csv": by_csv}[arguments[1]], folder)}
    return {}


if __name__ == "__main__" and len(sys.argv) > 1:
    told = _serve(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
    print(json.dumps(told | {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
elif __name__ == "__main__":
    main()
