"""Make the files of the sample from what other packages ship, each checked by its digest first.

``python -m lib.signals.sample.convert FOLDER`` takes the folder in which the packages named here are
unpacked (``site-packages``) and writes ``data/*.parquet`` beside this file and the early prices of the
market's sample. The same input gives the same bytes. ``README.md`` says whose data they are.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pandas as pd

from lib.errors import InputError
from lib.signals.sample import pickled_frames

HERE = Path(__file__).parent
TARGET = HERE / "data"
EARLY = HERE.parents[1] / "market" / "sample" / "data" / "early_prices.parquet"
SHA256 = {
    "skfolio/datasets/data/sp500_dataset.csv.gz": (
        "ee21cac28befb1d0a739a9ceb22184f995394726aa0cfde9a21941d1ac04ac0d"
    ),
    "skfolio/datasets/data/sp500_index.csv.gz": (
        "894c34431c284f86aa64a467e176e2a3c9b697c857eb9ab35006c2dd55d3fdf2"
    ),
    "index_constitution/_data/history/sp500.pkl": (
        "b8dca68506f9582c41adc2c21899612abc40fd319b1cb9f3c4b35d2e06c39016"
    ),
    "linearmodels/datasets/french/french.csv.bz2": (
        "fab6482f4f011a2fcec2fd087d740eef3c5bcc24a39459569a4224516fca1b6e"
    ),
    "arch/data/frenchdata/frenchdata.csv.gz": (
        "f23436727b01d879e1372e3ee277514b0962a23d2b158f1aee6a402a90994f52"
    ),
    "arch/data/default/default.csv.gz": ("cc5453068cedc7ef4836956358dce1d20eaf1e639b69c3107a7531a8e6bb982d"),
    "causaldata/castle/castle.dta": ("d7c14baa64a7015a5d2d969cc55563922ffd9dccb784084be473230ba0f6a006"),
}
FIRST_OF_THE_MARKET_SAMPLE = "2010-01-04"
FACTORS = {"MktRF": "Mkt-RF", "SMB": "SMB", "HML": "HML", "Mom": "MOM", "RF": "RF"}
INDUSTRIES = slice("NoDur", "Other")
SORTS = slice("S1V1", "S5M5")


def main(folder: str) -> None:
    """Check the files, convert them and write the sample."""
    place = Path(folder)
    for name, expected in SHA256.items():
        if hashlib.sha256((place / name).read_bytes()).hexdigest() != expected:
            raise InputError("another content than was converted", file=name, mend="take that release")
    TARGET.mkdir(exist_ok=True)
    _write(early_prices(place), EARLY)
    french = pd.read_csv(place / "linearmodels/datasets/french/french.csv.bz2", parse_dates=["dates"])
    _write(factors(french, place), TARGET / "factors.parquet")
    _write(portfolios(french), TARGET / "portfolios.parquet")
    _write(members(place), TARGET / "members.parquet")
    _write(castle(place), TARGET / "castle.parquet")


def early_prices(place: Path) -> pd.DataFrame:
    """Adjusted closes of the twenty stocks and the index before the market's own sample begins."""
    parts = [
        pd.read_csv(place / f"skfolio/datasets/data/{name}.csv.gz", index_col="Date", parse_dates=True)
        for name in ("sp500_dataset", "sp500_index")
    ]
    closes = pd.concat(parts, axis=1).sort_index(axis=1).astype("float64")
    closes.index = closes.index.astype("datetime64[us]").rename("date")
    return closes.loc[closes.index < FIRST_OF_THE_MARKET_SAMPLE].reset_index()


def factors(french: pd.DataFrame, place: Path) -> pd.DataFrame:
    """Monthly returns of factors in decimals, long; where both sources have a month they must agree."""
    recent = french.rename(columns=FACTORS).set_index(_month_ends(french["dates"]))[list(FACTORS.values())]
    older = pd.read_csv(place / "arch/data/frenchdata/frenchdata.csv.gz", index_col=0)
    months = pd.to_datetime(older.index.astype(str).str[-6:], format="%Y%m")
    older = (older.set_index(_month_ends(pd.Series(months))) / 100.0).round(6)
    both = recent.index.intersection(older.index)
    gap = (recent.loc[both, ["Mkt-RF", "RF"]] - older.loc[both, ["Mkt-RF", "RF"]]).abs().max().max()
    if gap > 0.0051:
        raise InputError(f"the two sources of factors differ by {gap:.4f}", mend="look which one is right")
    wide = recent.combine_first(older.loc[~older.index.isin(both)])
    credit = pd.read_csv(place / "arch/data/default/default.csv.gz", index_col=0, parse_dates=True)
    spread = (credit["BAA"] - credit["AAA"]).set_axis(_month_ends(pd.Series(credit.index))) / 100.0
    long = (
        wide.rename_axis("date").reset_index().melt("date", var_name="factor", value_name="return").dropna()
    )
    yields = pd.DataFrame({"date": spread.index, "factor": "BAA-AAA", "return": spread.round(6).to_numpy()})
    return pd.concat([long, yields.dropna()]).sort_values(["factor", "date"], ignore_index=True)


def portfolios(french: pd.DataFrame) -> pd.DataFrame:
    """Monthly returns of industries and of portfolios sorted by size and value or momentum, long."""
    wide = french.set_index(_month_ends(french["dates"]))
    parts = []
    for name, columns in (("french-industries", INDUSTRIES), ("french-sorts", SORTS)):
        long = wide.loc[:, columns].rename_axis("date").reset_index()
        long = long.melt("date", var_name="portfolio", value_name="return")
        parts.append(long.assign(portfolio_set=name))
    return pd.concat(parts).sort_values(["portfolio_set", "portfolio", "date"], ignore_index=True)


def members(place: Path) -> pd.DataFrame:
    """Since when each of the twenty stocks is in the S&P 500, or no longer."""
    path = place / "index_constitution/_data/history/sp500.pkl"
    history = pickled_frames.load(path.read_bytes())
    stocks = early_prices(place).columns.drop(["date", "SP500"])
    own = history.loc[history["symbol"].isin(stocks)]
    into = own.assign(date=own["opt-in"], member=True)
    out = own.assign(date=own["opt-out"], member=False).dropna(subset="date")
    both = pd.concat([into, out])[["symbol", "name", "date", "member"]]
    return both.sort_values(["symbol", "date"], ignore_index=True)


def castle(place: Path) -> pd.DataFrame:
    """Homicides per 100,000 by state (its number) and year, and the first year with an extended doctrine."""
    given = pd.read_stata(place / "causaldata/castle/castle.dta").astype("float64")
    first = given.loc[given["post"] == 1.0].groupby("sid")["year"].min()
    kept = given[["sid", "year", "homicide", "popwt"]].assign(first_treated=given["sid"].map(first))
    return kept.sort_values(["sid", "year"], ignore_index=True)


def _month_ends(dates: pd.Series) -> pd.DatetimeIndex:
    ends = pd.DatetimeIndex(dates) + pd.offsets.MonthEnd(0)
    return ends.astype("datetime64[us]")


def _write(frame: pd.DataFrame, path: Path) -> None:
    frame.to_parquet(path, index=False, compression="zstd", write_page_checksum=True)


if __name__ == "__main__":
    main(sys.argv[1])
