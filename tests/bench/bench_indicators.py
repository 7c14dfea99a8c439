"""RSI and MACD of 500 symbols over ten years, and an account that trades them, beside two peers.

Run: ``python3 run_all.py bench indicators``, with backtesting and vectorbt installed beside the workbench to
compare (a peer that is absent is named and left out). vectorbt's RSI is not Wilder's unless its weights are
given, so it is given them; its first call compiles and is not timed. The peer of the account is
backtesting.py's engine, symbol by symbol; on its own Google prices the trades of both are compared.
"""

from __future__ import annotations

import importlib.util
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from report import head, line

from lib.trading import indicators
from lib.trading.account_rules import AccountRules
from lib.trading.bars import Bars, bars_of_table
from lib.trading.costs import FREE, Costs
from lib.trading.decisions import Decisions
from lib.trading.rule_backtest import backtest
from lib.trading.sizing import Caps
from lib.trading.strategies import said
from lib.trading.trade_measures import kelly

SYMBOLS, DAYS, OF_PEER = 500, 2_520, 3
COST = Costs(commission=0.0005, slippage=0.0)


def main() -> None:
    """Print the time of each part and of each peer that is there."""
    warnings.simplefilter("ignore")
    head(f"Indicators and rules, {SYMBOLS} symbols x {DAYS:,} sessions")
    bars = _bars()
    (value, lines), own = _timed(lambda: (indicators.rsi(bars.close), indicators.macd(bars.close)), 5)
    _against_loops(bars.close, value, lines, own)
    _against_vectorbt(bars.close, value, lines, own)
    _account(bars)
    _google()


def _bars() -> Bars:
    rng = np.random.default_rng(7)
    close = 100 * np.exp(np.cumsum(rng.normal(0.0002, 0.02, (DAYS, SYMBOLS)), axis=0))
    opened = np.vstack([close[:1], close[:-1]]) * np.exp(rng.normal(0, 0.005, close.shape))
    high, low = np.maximum(opened, close) * 1.004, np.minimum(opened, close) * 0.996
    days = pd.bdate_range("2012-01-02", periods=DAYS, unit="us")
    names = pd.Index([f"S{one:03d}" for one in range(SYMBOLS)], dtype="str")
    return Bars(days, names, opened, high, low, close, rng.lognormal(13, 0.5, close.shape))


def _timed(work, times: int):
    best, result = np.inf, None
    for _ in range(times):
        start = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - start)
    return result, best


def _rsi_by_loop(closes: list[float], period: int = 14) -> list[float]:
    """Wilder's definition, bar by bar, as an indicator of one symbol is often written."""
    found, gain, loss = [np.nan] * len(closes), 0.0, 0.0
    for at in range(1, len(closes)):
        change = closes[at] - closes[at - 1]
        up, down = max(change, 0.0), max(-change, 0.0)
        if at <= period:
            gain, loss = gain + up / period, loss + down / period
        else:
            gain, loss = (gain * (period - 1) + up) / period, (loss * (period - 1) + down) / period
        if at >= period:
            found[at] = 100.0 * gain / (gain + loss)
    return found


def _macd_by_loop(closes: list[float]) -> list[float]:
    fast = slow = closes[0]
    signal, found = 0.0, []
    for close in closes:
        fast, slow = fast + (close - fast) * 2 / 13, slow + (close - slow) * 2 / 27
        signal += (fast - slow - signal) * 2 / 10
        found.append(fast - slow - signal)
    return found


def _against_loops(close: np.ndarray, value: np.ndarray, lines, own: float) -> None:
    columns = close[:, :OF_PEER].T.tolist()
    both, seconds = _timed(lambda: [(_rsi_by_loop(one), _macd_by_loop(one)) for one in columns], 2)
    gap = max(
        max(
            np.nanmax(np.abs(value[:, at] - rsi)),
            np.nanmax(np.abs(lines.histogram[:, at] - macd)),
        )
        for at, (rsi, macd) in enumerate(both)
    )
    line("RSI and MACD", own, seconds * SYMBOLS / OF_PEER, "-", f"plain loops, bar by bar; within {gap:.0e}")
    if importlib.util.find_spec("backtesting") is None:
        line("RSI and MACD", own, None, ">= 100x", "backtesting is not installed, not compared")
        return
    frames = [_frame(close[:, [at] * 4]) for at in range(OF_PEER)]
    values, seconds = _timed(lambda: [_indicators_by_backtesting(one) for one in frames], 1)
    gap = max(
        max(
            np.nanmax(np.abs(value[:, at] - rsi)),
            np.nanmax(np.abs(lines.histogram[:, at] - macd)),
        )
        for at, (rsi, macd) in enumerate(values)
    )
    note = f"backtesting.py's way: a run a symbol, values asked bar by bar; within {gap:.0e}"
    line("RSI and MACD", own, seconds * SYMBOLS / OF_PEER, ">= 100x", note)


def _frame(prices: np.ndarray) -> pd.DataFrame:
    days = pd.bdate_range("2012-01-02", periods=len(prices))
    return pd.DataFrame(prices, columns=["Open", "High", "Low", "Close"], index=days).assign(Volume=1.0)


def _quiet() -> None:
    import backtesting

    backtesting.backtesting._tqdm = lambda steps, **_: steps


def _indicators_by_backtesting(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    from backtesting import Backtest, Strategy

    _quiet()
    kept = {}

    class Asked(Strategy):
        def init(self) -> None:
            self.rsi = self.I(_rsi_by_loop, list(self.data.Close))
            self.macd = self.I(_macd_by_loop, list(self.data.Close))
            kept.update(rsi=np.array(self.rsi), macd=np.array(self.macd))

        def next(self) -> None:
            self.rsi[-1] < 0 or self.macd[-1]

    Backtest(frame, Asked, cash=1e6).run()
    return kept["rsi"], kept["macd"]


def _against_vectorbt(close: np.ndarray, value: np.ndarray, lines, own: float) -> None:
    if importlib.util.find_spec("vectorbt") is None:
        line("RSI and MACD", own, None, ">= 3x", "vectorbt is not installed, not compared")
        return
    import vectorbt

    frame = pd.DataFrame(close)

    def work():
        return (
            vectorbt.RSI.run(frame, window=14, ewm=False),
            vectorbt.MACD.run(frame, macd_ewm=True, signal_ewm=True),
        )

    (_, theirs), seconds = work(), np.inf
    for _ in range(6):
        _, waited = _timed(work, 1)
        _, spent = _timed(lambda: (indicators.rsi(close), indicators.macd(close)), 1)
        seconds, own = min(seconds, waited), min(own, spent)
    gap = np.abs(theirs.macd.to_numpy()[400:] - lines.line[400:]).max()
    note = f"vectorbt warm; MACD line within {gap:.0e}, its RSI is another average"
    line("RSI and MACD", own, seconds, ">= 3x", note)


def _account(bars: Bars) -> None:
    """One account over all symbols, and backtesting.py's engine for a few of them with the same orders."""
    found, seconds = _timed(lambda: said("macd_crossover", bars), 1)
    line("MACD decisions of all symbols", seconds, None, "-")
    rules = AccountRules(capital=1e7, method="share", share=0.02, most_positions=50)
    record, seconds = _timed(lambda: backtest(bars, found.decisions, rules=rules, costs=COST), 2)
    note = f"{len(record.trades):,} trades, {SYMBOLS * DAYS / seconds / 1e6:.1f} m bars a second"
    line("one account over all symbols, costs", seconds, None, "-", note)
    if importlib.util.find_spec("backtesting") is None:
        return
    ten = AccountRules(method="shares", shares=10, gate=0.0, volume_period=1)
    own = peer = 0.0
    agreed = total = 0
    for at in range(OF_PEER):
        one, orders = _symbol(bars, found.decisions, at)
        record, spent = _timed(lambda one=one, orders=orders: backtest(one, orders, rules=ten, costs=COST), 1)
        trades, waited = _timed(lambda one=one, orders=orders: _trades_by_backtesting(one, orders), 1)
        closed = record.trades.loc[record.trades["exit_reason"] != "STILL_OPEN"]
        mine = closed[["entry_row", "exit_row", "entry_price", "exit_price"]].round(8)
        theirs = trades[["EntryBar", "ExitBar", "EntryPrice", "ExitPrice"]].round(8)
        both = set(map(tuple, mine.to_numpy())), set(map(tuple, theirs.to_numpy()))
        agreed, total = agreed + len(both[0] & both[1]), total + len(both[0] | both[1])
        own, peer = own + spent, peer + waited
    note = f"backtesting.py, {OF_PEER} symbols one by one; {agreed} of {total} trades equal"
    line("the same orders, a symbol at a time", own, peer, "-", note)


def _symbol(bars: Bars, said_of_all: Decisions, at: int) -> tuple[Bars, Decisions]:
    arrays = (getattr(bars, name)[:, [at]] for name in ("open", "high", "low", "close", "volume"))
    parts = (getattr(said_of_all, name)[:, [at]] for name in said_of_all.__dataclass_fields__)
    return Bars(bars.sessions, bars.symbols[[at]], *arrays), Decisions(*parts)


def _trades_by_backtesting(bars: Bars, orders: Decisions) -> pd.DataFrame:
    from backtesting import Backtest, Strategy

    _quiet()

    class Follow(Strategy):
        def init(self) -> None:
            pass

        def next(self) -> None:
            row = len(self.data) - 1
            if orders.action[row, 0] == 1 and not self.position:
                self.buy(size=10, sl=orders.stop[row, 0], tp=orders.target[row, 0])
            elif orders.action[row, 0] == -1 and self.position:
                self.position.close()

    prices = np.column_stack([bars.open, bars.high, bars.low, bars.close])
    return Backtest(_frame(prices), Follow, cash=100_000, commission=COST.commission).run()["_trades"]


def _google() -> None:
    """Averages of 10 and 30 on the Google prices that backtesting.py carries, long and short, all in."""
    if importlib.util.find_spec("backtesting") is None:
        print("GOOG is among the files of backtesting, which is not installed: trades not compared")
        return
    from backtesting.test import GOOG

    rows = GOOG.rename(columns=str.lower).assign(date=GOOG.index, symbol="GOOG")
    bars = bars_of_table(rows)
    orders = said("average_cross", bars, fast=10, slow=30, stop=0.0).decisions
    orders.action[-2], orders.confidence[-2] = -1, 1.0
    rules = AccountRules(
        capital=10_000, method="share", share=0.9999, sized_at="open", short=True, gate=0.0,
        caps=Caps(volume_share=1.0),
    )  # fmt: skip
    record = backtest(bars, orders, rules=rules, costs=FREE)
    trades = record.trades.loc[record.trades["entry_row"] < len(bars.sessions) - 1]
    returns, net = trades["return"], trades["net"]
    drawdown = (record.equity / np.maximum.accumulate(record.equity) - 1).min()
    print(
        f"GOOG 10/30: {len(trades)} trades (66), return {trades['net'].sum() / 100:.4f} % (414.2299), "
        f"drawdown {drawdown:.8%} (-47.98012705), won {(net > 0).mean():.8%} (46.96969697), "
        f"profit factor {-returns[returns > 0].sum() / returns[returns < 0].sum():.9f} (2.167945974), "
        f"expectancy {returns.mean():.9%} (3.274807807), "
        f"SQN {np.sqrt(len(net)) * net.mean() / net.std():.9f} (1.076618736)"
    )
    _ratios_by_the_peer(record.equity, trades["net"])


def _ratios_by_the_peer(equity: np.ndarray, net: pd.Series) -> None:
    """Ratios by backtesting.py's definitions: of the geometric mean, volatility of compounded returns."""
    path = np.append(equity[:-1], 10_000 + net.sum())
    daily = path[1:] / path[:-1] - 1
    mean = np.exp(np.log1p(daily).mean())
    yearly = mean**252 - 1
    volatility = np.sqrt((daily.var(ddof=1) + mean**2) ** 252 - mean**504)
    downside = np.sqrt(252 * (np.minimum(daily, 0) ** 2).mean())
    print(
        f"  return a year {yearly:.9%} (21.191099249), Sharpe {yearly / volatility:.10f} (0.5806232244), "
        f"Sortino {yearly / downside:.9f} (1.085343435), Kelly {kelly(net):.10f} (0.1518705127)"
    )


if __name__ == "__main__":
    main()
