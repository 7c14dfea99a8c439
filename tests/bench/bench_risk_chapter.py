"""The whole risk chapter for one generated portfolio of 10,000 positions over 1,000 symbols: time and memory.

The notebooks' own cells are executed one after another in one process on generated tables, so what is timed
is what a run does, exhibits included, without kernels and pages.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
AS_OF = pd.Timestamp("2022-12-28").as_unit("us")
SYMBOLS, POSITIONS, OPTIONS, DAYS = 1_000, 10_000, 2_000, 1_300
FACTORS = ("SP500", "VLUE", "AAPL", "MSFT", "AMD", "LLY", "HD", "MTUM", "QUAL", "SIZE", "USMV")
STAGES = (
    "market/factors",
    "portfolio/greeks",
    "portfolio/exposures",
    "risk/betas",
    "risk/scenarios",
    "risk/stress",
    "risk/correlations",
    "risk/metrics",
)


def market(rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Generated prices of factors, stocks and options, yields, volatilities and instruments."""
    from lib.pricing.black_scholes import price

    days = pd.bdate_range(end=AS_OF, periods=DAYS, unit="us")
    names = [
        *FACTORS,
        *(f"S{chr(65 + n // 26 // 26)}{chr(65 + n // 26 % 26)}{chr(65 + n % 26)}" for n in range(SYMBOLS)),
    ]
    common = rng.normal(0, 0.01, DAYS)
    noise = rng.normal(0, 0.015, (DAYS, len(names)))
    closes = 100 * np.exp(np.cumsum(rng.uniform(0.5, 1.5, len(names)) * common[:, None] + noise, axis=0))
    stocks = _bars(days, names, closes, "generated")
    chosen = rng.choice(np.arange(len(FACTORS), len(names)), OPTIONS)
    strikes = np.maximum(np.round(closes[-1, chosen]), 1.0)
    rights = np.where(rng.random(OPTIONS) < 0.5, "C", "P")
    symbols = [
        f"{names[n]}230616{r}{int(k * 1000):08d}" for n, r, k in zip(chosen, rights, strikes, strict=True)
    ]
    values = price(
        spot=closes[-1, chosen],
        strike=strikes,
        years=np.full(OPTIONS, 170 / 365),
        rate=np.full(OPTIONS, 0.04),
        volatility=np.full(OPTIONS, 0.3),
        right=rights,
    )
    last = pd.DataFrame({"symbol": symbols, "close": values}).drop_duplicates("symbol")
    options = _bars(days[-2:], list(last["symbol"]), np.vstack([last["close"], last["close"]]), "generated")
    kinds = ["etf"] * len(FACTORS) + ["stock"] * SYMBOLS + ["option"] * len(last)
    everything = [*names, *last["symbol"]]
    instruments = _instruments(everything, kinds)
    return {
        "prices": pd.concat([stocks, options], ignore_index=True),
        "yields": _yields(days, rng),
        "instruments": instruments,
        "symbols": (names[len(FACTORS) :], list(last["symbol"])),
    }


def _instruments(symbols: list[str], kinds: list[str]) -> pd.DataFrame:
    from lib.contracts import empty
    from lib.tables import TABLES

    told = {"sector": "Industrials", "industry": "Machinery", "currency": "USD", "dividend_yield": 0.01}
    rows = pd.DataFrame({"symbol": symbols, "name": symbols, "kind": kinds, **told})
    columns = empty(TABLES["instruments"]).columns
    return rows.assign(source="bench", origin="generated").reindex(columns=columns)


def _bars(days, names, closes, origin) -> pd.DataFrame:
    frame = pd.DataFrame(
        {"date": np.repeat(days, len(names)), "symbol": list(names) * len(days), "close": closes.ravel()}
    )
    empty = dict.fromkeys(("open", "high", "low", "volume", "dividend", "split"), np.nan)
    return frame.assign(
        adj_close=frame["close"], price_basis="adjusted", source="bench", origin=origin, **empty
    )


def _yields(days, rng) -> pd.DataFrame:
    rates = 0.03 + np.cumsum(rng.normal(0, 0.0005, (len(days), 4)), axis=0).clip(-0.02, 0.05)
    frame = pd.DataFrame({"date": np.repeat(days, 4), "tenor": ["3M", "2Y", "10Y", "30Y"] * len(days)})
    return frame.assign(rate=rates.ravel(), source="bench", origin="generated")


def book(symbols: tuple[list, list], rng: np.random.Generator) -> str:
    """The CSV of the portfolio: stocks on both sides and options, with tags."""
    stocks, options = symbols
    held = [*rng.choice(stocks, POSITIONS - len(options)), *options]
    days = pd.bdate_range("2018-06-01", "2022-12-20").strftime("%Y-%m-%d").to_numpy()
    rows = pd.DataFrame(
        {
            "ticker": held,
            "quantity": rng.choice([-50, -20, 10, 40, 100], len(held)),
            "entry_price": 5.0,
            "entry_date": rng.choice(days, len(held)),
            "tags": rng.choice(["core", "growth", "hedge"], len(held)),
        }
    )
    return rows.drop_duplicates(["ticker", "entry_date"]).to_csv(index=False)


def place(folder: Path) -> dict[str, dict]:
    """Write the tables that the chapter reads; where each is."""
    from lib.contracts import conform, empty
    from lib.portfolio import files, valuation
    from lib.tables import TABLES

    rng = np.random.default_rng(7)
    world = market(rng)
    (folder / "book.csv").write_text(book(world["symbols"], rng))
    rows, _ = files.read_positions(folder / "book.csv", "book.csv", str(AS_OF.date()))
    positions = valuation.value_positions(rows, world["prices"], world["instruments"], as_of=AS_OF, cash=1e6)
    frames = {
        "prices": world["prices"],
        "yields": world["yields"],
        "instruments": world["instruments"],
        "implied_vols": empty(TABLES["implied_vols"]),
        "positions": positions,
    }
    tables = {}
    for name, frame in frames.items():
        path = folder / f"{name}.parquet"
        conform(frame, TABLES[name]).to_parquet(path, index=False)
        tables[name] = {
            "path": str(path),
            "sha256": _digest(path),
            "rows": len(frame),
            "origins": ["generated"],
            "stage": "market/prices",
        }
    return tables


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _parameters(stage: str) -> dict[str, object]:
    """The settings of a stage as its notebook has them."""
    cells = json.loads((ROOT / "notebooks" / f"{stage}.ipynb").read_text())["cells"]
    names: dict[str, object] = {}
    exec("".join(next(cell for cell in cells if cell["id"] == "parameters")["source"]), names)
    return {name: value for name, value in names.items() if not name.startswith("__")}


def execute(stage: str, tables: dict[str, dict], folder: Path) -> float:
    """Seconds of a stage's cells; what it wrote is added to ``tables``."""
    from lib.pipeline import PIPELINE

    row = PIPELINE.stage(stage)
    output = folder / stage.replace("/", ".")
    output.mkdir()
    scenarios = sorted((ROOT / "params" / "scenarios").glob("*.yaml"))
    context = {
        "stage": stage,
        "subject": "book" if row.per else None,
        "as_of": str(AS_OF.date()),
        "tables": {name: tables[name] for name in row.reads},
        "states": {},
        "repeats": {repeated: _parameters(repeated) for repeated in row.repeats},
        "digests": {str(path): _digest(path) for path in scenarios},
        "files": {f"scenario_files[{n}]": str(path) for n, path in enumerate(scenarios)},
        "output": str(output),
    }
    (folder / "context.json").write_text(json.dumps(context))
    os.environ["WORKBENCH_CONTEXT"] = str(folder / "context.json")
    cells = json.loads((ROOT / "notebooks" / f"{stage}.ipynb").read_text())["cells"]
    names: dict = {}
    begun = time.perf_counter()
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    spent = time.perf_counter() - begun
    for name in row.writes:
        path = output / "tables" / f"{name}.parquet"
        tables[name] = {
            "path": str(path),
            "sha256": _digest(path),
            "rows": len(pd.read_parquet(path)),
            "origins": ["generated"],
            "stage": stage,
        }
    return spent


def main() -> None:
    """Print seconds a stage, in all, and the peak of memory."""
    os.environ.setdefault("MPLBACKEND", "agg")
    with tempfile.TemporaryDirectory() as place_:
        folder = Path(place_)
        begun = time.perf_counter()
        tables = place(folder)
        sizes = f"{POSITIONS:,} positions, {OPTIONS:,} of them options, {SYMBOLS:,} symbols, {DAYS:,} days"
        print(f"{sizes}; all generated")
        print(f"{'made and valued in':22} {time.perf_counter() - begun:7.2f} s")
        total = 0.0
        for stage in STAGES:
            spent = execute(stage, tables, folder)
            total += spent
            print(f"{stage:22} {spent:7.2f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'the chapter':22} {total:7.2f} s, peak memory {peak:,.0f} MB")


if __name__ == "__main__":
    main()
