"""Make the files of the sample of bars from the stocks that bokeh-sampledata 2026.1 ships.

``python -m lib.market.sample_bars.convert FOLDER`` takes the folder of the unpacked wheel that holds
``stocks.csv.gz`` (``bokeh_sampledata/_data``), refuses any other content, and writes ``data/*.parquet``
beside this file. The same input gives the same bytes. See ``README.md`` for where the series come from.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pandas as pd

from lib.errors import InputError
from lib.market.sample_bars.universe import FILE, RELEASE, SHA256

TARGET = Path(__file__).parent / "data"
COLUMNS = {
    "Date": "date",
    "Ticker": "symbol",
    "Open": "open",
    "High": "high",
    "Low": "low",
    "Close": "close",
    "Volume": "volume",
}
LEAST_SPLIT = 1.5
"""A step of the adjustment that is at least this is a split; below it all is dividend."""
LEAST_DIVIDEND = 0.005
"""Half a cent a share: less is rounding of the stored closes."""


def main(folder: str) -> None:
    """Check the file, convert it and write the sample."""
    path = Path(folder) / FILE
    if hashlib.sha256(path.read_bytes()).hexdigest() != SHA256:
        raise InputError(f"another content than {RELEASE} ships", file=FILE, mend="take that release")
    given = pd.read_csv(path, parse_dates=["Date"]).sort_values(["Ticker", "Date"], ignore_index=True)
    given["Date"] = given["Date"].astype("datetime64[us]")
    TARGET.mkdir(exist_ok=True)
    _write(given.rename(columns=COLUMNS)[list(COLUMNS.values())], "bars")
    _write(actions(given), "actions")


def actions(given: pd.DataFrame) -> pd.DataFrame:
    """Splits and dividends, ``date symbol dividend split``, read out of the adjusted closes.

    The source multiplies every earlier close by P / (P s + d), P being the close of the ex-date, d the
    dividend a share and s the split ratio. So P s + d over P is the step of adjusted over plain closes.
    """
    factor = given["Adj Close"] / given["Close"]
    step = factor / factor.groupby(given["Ticker"]).shift()
    split = step.round().where(step >= LEAST_SPLIT, 1.0)
    dividend = (given["Close"] * (step - split)).round(2) + 0.0
    kept = (split != 1.0) | (dividend.abs() >= LEAST_DIVIDEND)
    found = pd.DataFrame(
        {"date": given["Date"], "symbol": given["Ticker"], "dividend": dividend, "split": split}
    )
    return found[kept & step.notna()].reset_index(drop=True)


def _write(frame: pd.DataFrame, name: str) -> None:
    frame.to_parquet(TARGET / f"{name}.parquet", index=False, compression="zstd", write_page_checksum=True)


if __name__ == "__main__":
    main(sys.argv[1])
