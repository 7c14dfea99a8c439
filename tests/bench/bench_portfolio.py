"""Portfolio chapter: exposures of 10,000 mixed positions and the import of a 10,000-row file."""

from __future__ import annotations

import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from report import head, line

from lib.portfolio.exposure_groups import EXPIRY_BUCKETS, EXPIRY_EDGES, GREEKS, group_exposures
from lib.portfolio.exposures import position_amounts, total_exposures
from lib.portfolio.files import read_positions

ROWS = 10_000
AS_OF = "2022-12-28"


def main() -> None:
    """Print one line a comparison."""
    head(f"Portfolio, {ROWS:,} positions")
    _exposures()
    _import()


def _exposures() -> None:
    book = _book()
    greeks = book.loc[book["kind"] == "option", ["position_id", "delta_dollars"]].reset_index(drop=True)
    greeks = greeks.assign(**dict.fromkeys(GREEKS.values(), 1.0))
    records = book.to_dict("records")
    book = book.drop(columns="delta_dollars")
    ours = _best(lambda: _totals_and_groups(book, greeks), 15)
    peer = _best(lambda: _by_decimals(records), 3)
    gap = _gap(group_exposures(book, as_of=AS_OF, greeks=greeks), _by_decimals(records)[1])
    note = f"Decimal loop over the same rows as dicts; widest gap {gap:.0e} rel"
    line("exposures: totals and five cuts", ours, peer, ">= 15x", note)


def _totals_and_groups(book: pd.DataFrame, greeks: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What the stage computes."""
    amounts = position_amounts(book, greeks)
    groups = group_exposures(book, as_of=AS_OF, greeks=greeks, amounts=amounts)
    return total_exposures(book, greeks=amounts), groups


def _import() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.csv"
        bad = _write(path)
        ours = _best(lambda: read_positions(path, path.name, AS_OF), 7)
        peer = _best(lambda: pd.read_csv(path), 7)
        issues = read_positions(path, path.name, AS_OF)[1]
        told = issues.loc[issues["severity"] == "rejected", "line"].nunique()
        note = f"read_csv checks nothing; {told:,} of {bad:,} bad rows told"
        line("import with 1,000 bad rows", ours, peer, "-", note)


def _book() -> pd.DataFrame:
    """Shares and options, long and short, with none to three tags and a hundred unpriced."""
    rng = np.random.default_rng(11)
    option = rng.random(ROWS) < 0.3
    sign = np.where(rng.random(ROWS) < 0.7, 1.0, -1.0)
    exposure = (sign * rng.lognormal(9, 1, ROWS)).round(2)
    exposure[rng.choice(ROWS, 100, replace=False)] = np.nan
    names = np.array([f"t{number}" for number in range(40)])
    cells = [",".join(rng.choice(names, rng.integers(0, 4), replace=False)) for _ in range(300)]
    days = pd.to_timedelta(rng.integers(1, 700, ROWS), unit="D")
    side = np.where(option, np.where(sign > 0, "LC", "SC"), np.where(sign > 0, "LONG", "SHORT"))
    return pd.DataFrame(
        {
            "position_id": pd.Series(range(ROWS)).map("P{}".format).astype("str"),
            "delta_dollars": np.where(option, exposure * 8, np.nan),
            "exposure": exposure,
            "daily_pnl": exposure / 100,
            "unrealized_pnl": exposure / 10,
            "realized_pnl": np.nan,
            "quantity": sign,
            "multiplier": np.where(option, 100.0, 1.0),
            "underlying_price": np.where(option, 100.0, np.nan),
            "kind": pd.Series(np.where(option, "option", "stock"), dtype="str"),
            "underlying": pd.Series(rng.integers(0, 800, ROWS)).map("S{}".format).astype("str"),
            "sector": pd.Series(rng.integers(0, 11, ROWS)).map("sector {}".format).astype("str"),
            "position_type": pd.Series(side, dtype="str"),
            "tags": pd.Series(rng.choice(cells, ROWS), dtype="str"),
            "expiry": pd.Series(pd.Timestamp(AS_OF) + days).where(option).astype("datetime64[us]"),
        }
    )


def _by_decimals(records: list[dict]) -> tuple[dict, dict]:
    """The same totals and cuts by one loop over rows, a Decimal a sum."""
    zero = Decimal(0)
    totals = dict.fromkeys(
        ("gross", "net", "long", "short", "stock", "option", "manual", "notional", "delta"), zero
    )
    counts = dict.fromkeys(("long", "short", "priced", "unpriced"), 0)
    sums: dict = {}
    day = pd.Timestamp(AS_OF)
    for row in records:
        money = Decimal(str(row["exposure"]))
        if money.is_nan():
            counts["unpriced"] += 1
            continue
        size, long, short = abs(money), max(money, zero), min(money, zero)
        counts["priced"] += 1
        counts["long"] += money > 0
        counts["short"] += money < 0
        option = row["kind"] == "option"
        bucket, worth = "no expiry", size
        if option:
            left = (row["expiry"] - day).days
            bucket = EXPIRY_BUCKETS[sum(left > edge for edge in EXPIRY_EDGES)]
            contracts = abs(Decimal(str(row["quantity"]))) * Decimal(str(row["multiplier"]))
            worth = contracts * Decimal(str(row["underlying_price"]))
        delta = Decimal(str(row["delta_dollars"])) if option else money
        totals["delta"] += delta
        for name, amount in (("gross", size), ("net", money), ("long", long), ("short", short)):
            totals[name] += amount
        totals["option" if option else "stock"] += size
        totals["manual"] += size if row["kind"] == "manual" else zero
        totals["notional"] += worth
        keys = [(name, row[name]) for name in ("underlying", "sector", "position_type")]
        tags = [("tag", tag) for tag in row["tags"].split(",") if tag]
        for key in (*keys, ("expiry_bucket", bucket), *tags):
            gross, net, up, down, moved, count = sums.get(key, (zero, zero, zero, zero, zero, 0))
            sums[key] = (gross + size, net + money, up + long, down + short, moved + delta, count + 1)
    return totals | counts, sums


def _gap(groups: pd.DataFrame, sums: dict) -> float:
    """Widest difference of gross and delta-adjusted exposure between the two, as a share of gross."""
    found = [sums[key] for key in zip(groups["dimension"], groups["group"], strict=True)]
    gross, delta = (np.array([float(one[place]) for one in found]) for place in (0, 4))
    apart = np.maximum(np.abs(groups["gross"] - gross), np.abs(groups["delta_adjusted"] - delta))
    return float(np.max(apart / gross))


def _write(path: Path) -> int:
    """A file of shares and options with tags, each tenth row bad in one of four ways; the number bad."""
    rng = np.random.default_rng(5)
    days = pd.Timestamp("2020-01-02") + pd.to_timedelta(rng.integers(0, 1000, ROWS), unit="D")
    option = [f"AAPL2401{10 + number % 19}C{50_000 + number % 300 * 1000:08d}" for number in range(ROWS)]
    table = pd.DataFrame(
        {
            "ticker": [option[number] if number % 4 == 0 else f"S{number % 700}" for number in range(ROWS)],
            "quantity": rng.integers(1, 500, ROWS).astype(str),
            "entry_price": rng.uniform(5, 300, ROWS).round(2).astype(str),
            "entry_date": days.strftime("%Y-%m-%d"),
            "tags": [f"tech_{number % 7},core,#strategy:run {number % 5}" for number in range(ROWS)],
        }
    )
    bad = np.arange(3, ROWS, 10)
    for place, (column, text) in enumerate(
        [("quantity", "0"), ("quantity", "1,000"), ("entry_price", "$5"), ("entry_date", "01/02/2020")]
    ):
        table.loc[bad[place::4], column] = text
    table.to_csv(path, index=False)
    return len(bad)


def _best(work, times: int) -> float:
    """Shortest of several runs, seconds."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


if __name__ == "__main__":
    main()
