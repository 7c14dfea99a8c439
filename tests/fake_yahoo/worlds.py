"""What the fake Yahoo knows: series as traded, profiles and option quotes, all from a seed."""

import math
import zlib
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

NEW_YORK, CHICAGO = "America/New_York", "America/Chicago"
YIELDS = {"^IRX": 5.0, "^FVX": 4.2, "^TNX": 4.3, "^TYX": 4.5}
COLUMNS = ["date", "open", "high", "low", "close", "volume", "dividend", "split"]


@dataclass
class World:
    """Series by symbol (bars as traded), profiles by symbol, chains by underlying."""

    series: dict[str, pd.DataFrame] = field(default_factory=dict)
    profiles: dict[str, dict] = field(default_factory=dict)
    chains: dict[str, tuple[list[pd.Timestamp], list[float]]] = field(default_factory=dict)
    through: str | pd.Timestamp | None = None

    @classmethod
    def generated(
        cls, symbols, sessions, *, seed=0, splits=None, dividends=None, yields=False, profiles=None
    ):
        """Random walks with a common part, so that betas exist; a symbol's path does not hang on the others.

        ``splits`` and ``dividends`` map symbol to ``{day: ratio or money a share}``; ``profiles`` symbol to
        what differs from a stock; symbols with ``^`` are indices. ``yields`` adds Yahoo's Treasury indices.
        """
        world, days = cls(), pd.DatetimeIndex(sessions).as_unit("us")
        common = np.random.default_rng([seed, 1]).normal(0.0003, 0.009, len(days))
        for symbol in symbols:
            actions = ((splits or {}).get(symbol, {}), (dividends or {}).get(symbol, {}))
            generator = np.random.default_rng([seed, zlib.crc32(symbol.encode())])
            world.add(symbol, _walk(days, generator, common, *actions), **(profiles or {}).get(symbol, {}))
        for symbol, level in YIELDS.items() if yields else ():
            generator = np.random.default_rng([seed, zlib.crc32(symbol.encode())])
            world.add(symbol, _yields(days, generator, level), timezone=CHICAGO)
        return world

    def add(self, symbol, bars, *, timezone=NEW_YORK, **profile):
        """One more series, with what ``Ticker.info`` shall say of it beside or instead of the usual."""
        usual = {
            "quoteType": "INDEX" if symbol.startswith("^") else "EQUITY",
            "longName": f"{symbol} Incorporated",
            "shortName": symbol,
            "exchange": "NYQ",
            "timeZoneFullName": timezone,
            "exchangeTimezoneName": timezone,
            "currency": "USD",
        }
        if not symbol.startswith("^"):
            usual |= {"sector": "Technology", "industry": "Software - Application"}
            usual |= {"country": "United States", "marketCap": 10**9 + zlib.crc32(symbol.encode())}
        self.series[symbol] = bars[COLUMNS].reset_index(drop=True)
        self.profiles[symbol] = usual | profile

    def add_chain(self, underlying, expiries, strikes):
        """Options of an underlying: each strike at each expiry, call and put."""
        self.chains[underlying] = (sorted(pd.Timestamp(day) for day in expiries), sorted(map(float, strikes)))

    def truth(self, symbol):
        """The bars as traded, up to the last served day."""
        bars = self.series[symbol]
        return bars[bars["date"] <= self.last].reset_index(drop=True)

    @property
    def last(self):
        """The last served day."""
        ends = [bars["date"].iloc[-1] for bars in self.series.values()]
        return pd.Timestamp(self.through) if self.through is not None else max(ends)

    def quotes(self, underlying, expiry):
        """Rows of a chain: Black-Scholes at 25 % volatility on the last close, a spread of two percent."""
        spot, days = float(self.truth(underlying)["close"].iloc[-1]), (expiry - self.last).days
        for strike in self.chains[underlying][1]:
            for right in "CP":
                value = black_scholes(spot, strike, max(days, 1) / 365, right)
                cents = f"{round(strike * 1000):08d}"
                yield {
                    "contractSymbol": f"{underlying.replace('-', '')}{expiry:%y%m%d}{right}{cents}",
                    "right": right,
                    "strike": strike,
                    "lastPrice": round(value, 2),
                    "bid": round(value * 0.99, 2),
                    "ask": round(value * 1.01 + 0.01, 2),
                    "volume": 10,
                    "openInterest": 100,
                    "lastTradeDate": stamp(self.last, NEW_YORK, "15:59"),
                }


def stamp(day, zone, clock):
    """Seconds since 1970 of a wall-clock time on a day in a zone."""
    return int(pd.Timestamp(f"{pd.Timestamp(day):%Y-%m-%d} {clock}", tz=zone).timestamp())


def black_scholes(spot, strike, years, right, rate=0.04, volatility=0.25):
    spread = volatility * math.sqrt(years)
    above = (math.log(spot / strike) + (rate + volatility**2 / 2) * years) / spread
    discounted = strike * math.exp(-rate * years)
    call = spot * _normal(above) - discounted * _normal(above - spread)
    return call if right == "C" else call - spot + discounted


def _normal(x):
    return (1 + math.erf(x / math.sqrt(2))) / 2


def _walk(days, generator, common, splits, dividends):
    """Bars as traded: a split lowers the price by its ratio from its day on."""
    beta, start = generator.uniform(0.6, 1.4), generator.uniform(40, 250)
    growth = np.exp(np.cumsum(beta * common + generator.normal(0, 0.01, len(days))))
    split = np.ones(len(days))
    dividend = np.zeros(len(days))
    for day, ratio in splits.items():
        split[days.get_loc(pd.Timestamp(day))] = ratio
    for day, amount in dividends.items():
        dividend[days.get_loc(pd.Timestamp(day))] = amount
    ratio = np.cumprod(split)
    close = start * growth / ratio
    open_ = np.r_[close[0], close[:-1]] / split * (1 + generator.normal(0, 0.002, len(days)))
    high = np.maximum(open_, close) * (1 + generator.uniform(0.0005, 0.01, len(days)))
    low = np.minimum(open_, close) * (1 - generator.uniform(0.0005, 0.01, len(days)))
    volume = generator.integers(1_000, 90_000, len(days)) * 100.0
    prices = np.round(np.c_[open_, high, low, close], 2)
    return _frame(days, prices, volume, dividend, split)


def _yields(days, generator, level):
    """Yields in percent; an index has no volume."""
    close = np.round(np.abs(level + np.cumsum(generator.normal(0, 0.03, len(days)))) + 0.01, 3)
    open_ = np.r_[close[0], close[:-1]]
    prices = np.c_[open_, np.maximum(open_, close), np.minimum(open_, close), close]
    return _frame(days, prices, np.zeros(len(days)), np.zeros(len(days)), np.ones(len(days)))


def _frame(days, prices, volume, dividend, split):
    bars = pd.DataFrame(prices, columns=["open", "high", "low", "close"])
    bars.insert(0, "date", days)
    return bars.assign(volume=volume, dividend=dividend, split=split)
