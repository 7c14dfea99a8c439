"""Real closes of the sample as the files of a folder, with a fault planted in each of some symbols."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lib.market import calendar
from lib.market.providers import prepare

AS_OF = "2022-12-28"
SYMBOLS = ["AAPL", "AMD", "BAC", "BBY", "CVX", "GE", "HD", "JNJ", "JPM", "KO", "MRK", "MSFT", "PEP", "XOM"]
SOUND = ["AAPL", "JNJ", "JPM", "MRK"]
DAYS = calendar.sessions("2021-01-04", AS_OF)
GAP = pd.DatetimeIndex(["2022-09-01", "2022-09-02", "2022-09-06"])
"""Three sessions with a weekend and Labor Day between them."""
AT = {
    "AMD": "2022-03-15",
    "BAC": "2022-04-12",
    "BBY": "2022-05-07",
    "CVX": "2022-06-14",
    "GE": "2022-07-12",
    "HD": "2022-08-09",
    "PEP": AS_OF,
    "XOM": "2022-02-15",
}
"""The day of the fault of a symbol: a split that is recorded (AMD), a day twice (BAC), a Saturday (BBY),
high and low exchanged (CVX), ten times the price (GE), a negative price (HD), ten times the price on the
newest day (PEP), a split that is not recorded (XOM). MSFT has the gap, KO is not in the file."""
BAR = ["open", "high", "low", "close"]


def sound_bars() -> pd.DataFrame:
    """Closes of the sample, with ranges about them and volume."""
    got = prepare({"as_of": AS_OF, "settings": {"provider": "sample"}, "symbols": SYMBOLS})
    frame = got["raw_prices"].query("date >= @DAYS[0]")[["date", "symbol", "close"]]
    before = frame.groupby("symbol")["close"].shift().fillna(frame["close"])
    both = pd.concat([before, frame["close"]], axis=1)
    frame = frame.assign(open=before, high=both.max(axis=1) * 1.004, low=both.min(axis=1) * 0.996)
    frame[BAR] = frame[BAR].round(4)
    return frame.assign(volume=1e6 + frame.groupby("symbol").cumcount())[["date", "symbol", *BAR, "volume"]]


def planted_bars() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The bars with every fault of ``AT``, and the actions that explain one of the two splits."""
    frame = sound_bars()
    day = {symbol: pd.Timestamp(one) for symbol, one in AT.items()}

    def at(symbol: str) -> pd.Series:
        return frame["symbol"].eq(symbol) & frame["date"].eq(day[symbol])

    for symbol in ("AMD", "XOM"):
        since = frame["symbol"].eq(symbol) & (frame["date"] >= day[symbol])
        frame.loc[since, BAR] /= 2.0
    for symbol in ("GE", "PEP"):
        frame.loc[at(symbol), BAR] *= 10.0
    frame.loc[at("CVX"), ["high", "low"]] = frame.loc[at("CVX"), ["low", "high"]].to_numpy()
    frame.loc[at("HD"), "close"] *= -1.0
    friday = frame[frame["symbol"].eq("BBY") & frame["date"].eq("2022-05-06")]
    frame = pd.concat([frame, frame[at("BAC")], friday.assign(date=day["BBY"])])
    frame = frame[~(frame["symbol"].eq("MSFT") & frame["date"].isin(GAP)) & frame["symbol"].ne("KO")]
    actions = pd.DataFrame({"date": [day["AMD"]], "symbol": ["AMD"], "dividend": [0.0], "split": [2.0]})
    return frame, actions


def write_folder(folder: Path, form: str = "csv") -> None:
    """``prices`` and ``actions`` in a folder, as CSV or Parquet."""
    folder.mkdir(parents=True)
    for name, frame in zip(("prices", "actions"), planted_bars(), strict=True):
        path = folder / f"{name}.{form}"
        if form == "csv":
            frame.to_csv(path, index=False, date_format="%Y-%m-%d")
        else:
            frame.to_parquet(path, index=False)
