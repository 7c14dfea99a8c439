"""Make the files of real data of the embedded sample from what four Python packages ship.

``python -m lib.signals.sample.convert FOLDER...`` takes the folders in which the packages are unpacked
(each file is looked for in all of them), refuses any other content than that of ``SHA256``, and writes
``data/*.parquet`` beside this file. The same input gives the same bytes. ``README.md`` says what each is.
"""

from __future__ import annotations

import hashlib
import io
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from lib.errors import InputError
from lib.market.sample.universe import COMPANIES
from lib.signals.sample import restricted

TARGET = Path(__file__).parent / "data"
MEMBERS = "index_constitution/_data/history/sp500.pkl"
FRENCH = "linearmodels/datasets/french/french.csv.bz2"
FRENCH_LONG = "arch/data/frenchdata/frenchdata.csv.gz"
BONDS = "arch/data/default/default.csv.gz"
CASTLE = "causaldata/castle/castle.dta"
SHA256 = {
    MEMBERS: "b8dca68506f9582c41adc2c21899612abc40fd319b1cb9f3c4b35d2e06c39016",
    FRENCH: "fab6482f4f011a2fcec2fd087d740eef3c5bcc24a39459569a4224516fca1b6e",
    FRENCH_LONG: "f23436727b01d879e1372e3ee277514b0962a23d2b158f1aee6a402a90994f52",
    BONDS: "cc5453068cedc7ef4836956358dce1d20eaf1e639b69c3107a7531a8e6bb982d",
    CASTLE: "d7c14baa64a7015a5d2d969cc55563922ffd9dccb784084be473230ba0f6a006",
}
FACTORS = {"MktRF": "Mkt-RF", "SMB": "SMB", "HML": "HML", "Mom": "MOM", "RF": "RF"}
MARKET_TOLERANCE = 0.0005
"""Most by which the market's return of a month may differ between the two issues of the French library."""


def main(folders: list[str]) -> None:
    """Check the files, convert them and write the sample."""
    source = {name: _content(name, folders) for name in SHA256}
    french = _french(source[FRENCH])
    tables = {
        "members": _members(source[MEMBERS], [one.symbol for one in COMPANIES]),
        "french_factors": _factors(french, source[FRENCH_LONG]),
        "french_portfolios": french.drop(columns=list(FACTORS)).reset_index(),
        "bond_yields": _bond_yields(source[BONDS]),
        "castle": _castle(source[CASTLE]),
    }
    TARGET.mkdir(exist_ok=True)
    for name, frame in tables.items():
        path = TARGET / f"{name}.parquet"
        frame.to_parquet(path, index=False, compression="zstd", write_page_checksum=True)


def _content(name: str, folders: list[str]) -> bytes:
    """The bytes of a file of a package; InputError where it is nowhere or not as expected."""
    found = next((path for one in folders if (path := Path(one) / name).is_file()), None)
    if found is None:
        raise InputError("in none of the folders", file=name, mend="give the folder of its package")
    content = found.read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256[name]:
        raise InputError("another content than expected", file=name, mend="take the release in README.md")
    return content


def _members(content: bytes, symbols: list[str]) -> pd.DataFrame:
    """Since when and until when the stocks were in the S&P 500."""
    rows = restricted.frame(content).rename(columns={"opt-in": "since", "opt-out": "until"})
    own = rows.loc[rows["symbol"].isin(symbols), ["symbol", "since", "until"]]
    return own.sort_values(["symbol", "since"], ignore_index=True)


def _french(content: bytes) -> pd.DataFrame:
    """Factors and portfolios by month's end, decimal, not in excess of cash, 1949-01 to 2017-03."""
    table = pd.read_csv(io.BytesIO(content), compression="bz2", parse_dates=["dates"])
    month = table.pop("dates").astype("datetime64[us]") + pd.offsets.MonthEnd(0)
    return table.set_index(month.rename("date")).astype("float64")


def _factors(french: pd.DataFrame, longer: bytes) -> pd.DataFrame:
    """Factors by month's end: those that belong to the portfolios, before and after them the longer set.

    InputError where the market or cash of a month differs between the two.
    """
    table = pd.read_csv(io.BytesIO(longer), compression="gzip", dtype={"Date": str})
    month = pd.to_datetime(table.pop("Date"), format="%Y%m").astype("datetime64[us]") + pd.offsets.MonthEnd(0)
    other = table.set_index(month.rename("date")).div(100.0).round(6)
    own = french[list(FACTORS)].rename(columns=FACTORS)
    gap = (own - other).abs().max()
    if gap["Mkt-RF"] > MARKET_TOLERANCE or gap["RF"] > 1e-9:
        raise InputError(f"the two issues differ by {gap.max():.4f}", file=FRENCH_LONG)
    return own.combine_first(other)[list(FACTORS.values())].reset_index()


def _bond_yields(content: bytes) -> pd.DataFrame:
    """Yields of AAA and BAA bonds, decimal a year, mean of each month, by month's end."""
    table = pd.read_csv(io.BytesIO(content), compression="gzip")
    month = pd.to_datetime(table.pop("Date"), format="%m/%d/%Y").astype("datetime64[us]")
    return table.div(100.0).round(6).assign(date=month + pd.offsets.MonthEnd(0))[["date", "AAA", "BAA"]]


def _castle(content: bytes) -> pd.DataFrame:
    """Homicides by state and year, the year in which the state's law took effect, and its population.

    The file marks the first whole year under the law (``post``); the law took effect the year before.
    """
    table = pd.read_stata(io.BytesIO(content))
    first = table["year"].where(table["post"] == 1).groupby(table["sid"]).transform("min") - 1
    return pd.DataFrame(
        {
            "sid": table["sid"].astype("int64"),
            "year": table["year"].astype("int64"),
            "effyear": first.astype("float64").replace(np.inf, np.nan),
            "homicide": table["homicide"].astype("float64").round(6),
            "l_homicide": table["l_homicide"].astype("float64").round(6),
            "population": table["popwt"].astype("float64"),
        }
    ).sort_values(["sid", "year"], ignore_index=True)


if __name__ == "__main__":
    main(sys.argv[1:])
