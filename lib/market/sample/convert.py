"""Make the files of the embedded sample from the data sets of skfolio 1.12.2.

``python -m lib.market.sample.convert FOLDER`` takes the folder of the unpacked package that holds the three
files named here, refuses any other content, and writes ``data/*.parquet`` beside this file. The same input
gives the same bytes. See ``README.md`` for where the series come from.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pandas as pd

from lib.conventions import BASE_CURRENCY
from lib.errors import InputError
from lib.market.sample import generate, universe

TARGET = Path(__file__).parent / "data"
SHA256 = {
    "sp500_dataset.csv.gz": "ee21cac28befb1d0a739a9ceb22184f995394726aa0cfde9a21941d1ac04ac0d",
    "sp500_index.csv.gz": "894c34431c284f86aa64a467e176e2a3c9b697c857eb9ab35006c2dd55d3fdf2",
    "factors_dataset.csv.gz": "6eb089953db90c9a38d3283582751701a90db6f59965847fd64b0578de497161",
}


def main(folder: str) -> None:
    """Check the three files, convert them and write the sample."""
    closes = _closes(Path(folder))
    tables = {
        "prices": closes,
        "yields": generate.yields(closes["SP500"]),
        "volatility_levels": generate.volatility_levels(closes),
    }
    TARGET.mkdir(exist_ok=True)
    for name, frame in tables.items():
        _write(frame.reset_index(), name)
    _write(instruments(closes.loc[universe.DIVIDENDS_KNOWN_FROM]), "instruments")


def instruments(quoted: pd.Series) -> pd.DataFrame:
    """One row a symbol; ``quoted`` are prices by symbol of the day for which yields are indicated."""
    stocks = pd.DataFrame(universe.COMPANIES).assign(kind="stock")
    price = stocks["symbol"].map({**quoted, **universe.QUOTED_PRICE})
    stocks["dividend_yield"] = (4 * stocks.pop("quarterly_dividend") / price).round(3)
    funds = pd.DataFrame({"symbol": universe.FUNDS.keys(), "name": universe.FUNDS.values(), "kind": "etf"})
    indices = pd.DataFrame(
        {"symbol": universe.INDICES.keys(), "name": universe.INDICES.values(), "kind": "index"}
    )
    table = pd.concat([stocks, funds, indices], ignore_index=True).assign(currency=BASE_CURRENCY)
    return table.sort_values("symbol", ignore_index=True)


def _closes(folder: Path) -> pd.DataFrame:
    """Adjusted closes, days x symbols in alphabetical order."""
    parts = []
    for name, expected in SHA256.items():
        path = folder / name
        if hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            raise InputError("another content than skfolio 1.12.2 ships", file=name, mend="take that release")
        parts.append(pd.read_csv(path, index_col="Date", parse_dates=True))
    closes = pd.concat(parts, axis=1).sort_index(axis=1)
    closes.index = closes.index.astype("datetime64[us]").rename("date")
    return closes.astype("float64")


def _write(frame: pd.DataFrame, name: str) -> None:
    frame.to_parquet(TARGET / f"{name}.parquet", index=False, compression="zstd", write_page_checksum=True)


if __name__ == "__main__":
    main(sys.argv[1])
