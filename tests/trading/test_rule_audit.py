"""The look-ahead audit on what the stage of rules computes: it passes, careless copies of it do not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lib.run.audit.look_ahead import audit
from lib.tables import TABLES
from lib.trading import indicators, rule_decisions, rule_frames
from lib.trading.account_bars import bars_of_prices
from lib.trading.costs import Costs
from lib.trading.decisions import Decisions
from lib.trading.rule_backtest import backtest
from lib.trading.rule_decisions import together, told
from lib.trading.rule_files import read_rules
from lib.trading.strategies import said as honest
from tests.trading.generated_bars import walk

RULES = ("rsi_reversion", "macd_crossover", "average_cross", "volume_breakout")
SHORT = {
    "rsi_reversion": {"period": 5},
    "macd_crossover": {"fast": 4, "slow": 9, "signal": 3},
    "average_cross": {"fast": 3, "slow": 8},
    "volume_breakout": {"volume_period": 10, "high_period": 5, "multiple": 1.2, "move": 0.005},
}


def short_book():
    """Rules with short warm-ups."""
    found = read_rules(strategies=RULES)
    settings = {name: {**found.settings[name], **SHORT[name]} for name in RULES}
    return replace(found, settings=settings)


BOOK = short_book()
MOMENTS = 5


@pytest.fixture(scope="module")
def prices():
    """Four symbols over 200 sessions as printed, one of which is split by three."""
    bars = walk(sessions=200, symbols=4)
    names = ("open", "high", "low", "close", "volume")
    parts = []
    for column, symbol in enumerate(bars.symbols):
        rows = pd.DataFrame({name: getattr(bars, name)[:, column] for name in names})
        rows = rows.assign(
            date=bars.sessions, symbol=symbol, split=1.0, dividend=0.0, adj_close=rows["close"]
        )
        parts.append(rows.dropna())
    found = pd.concat(parts, ignore_index=True)
    late = (found["symbol"] == "S0") & (found["date"] >= bars.sessions[150])
    found.loc[late, ["open", "high", "low", "close", "adj_close"]] /= 3.0
    found.loc[late, "volume"] *= 3.0
    found.loc[(found["symbol"] == "S0") & (found["date"] == bars.sessions[150]), "split"] = 3.0
    found = found.assign(price_basis="raw", source="test", origin="generated")
    return {"prices": found[TABLES["prices"].column_names]}


def dated(tables, as_of):
    """The dated tables of the stage, by its own functions."""
    bars = rule_decisions_bars(tables["prices"])
    by_rule = {name: told(name, bars, BOOK) for name in RULES}
    side = together(bars, by_rule)
    record = backtest(side.bars, side.decisions, rules=BOOK.account(1e5), costs=Costs(), groups=side.groups)
    return {
        "rule_signals": rule_frames.signals(bars, by_rule),
        "rule_equity": rule_frames.equity("all_rules", bars.sessions, record.equity, 1e5, record),
    }


def rule_decisions_bars(rows):
    return bars_of_prices(rows, ["S0", "S1", "S2", "S3"])


def audited(run, prices):
    return audit(run, prices, TABLES, moments=MOMENTS, to_first=True)


def test_no_result_of_a_date_rests_on_what_came_later(prices):
    made = dated(prices, None)
    assert set(made["rule_signals"]["strategy"]) == set(RULES)
    found = audited(dated, prices)
    assert found.passed and len(found.conclusive) == len(found.trials) >= MOMENTS


def of_tomorrow(name, bars, **settings):
    """Decisions of the session after, at the close before it."""
    found = honest(name, bars, **settings)
    return found._replace(decisions=sooner(found.decisions))


def sooner(decisions):
    moved = [np.roll(getattr(decisions, name), -1, axis=0) for name in FIELDS]
    for values in moved:
        values[-1] = 0 if values.dtype.kind == "i" else np.nan
    return Decisions(*moved)


FIELDS = ("action", "confidence", "stop", "target", "reason")


def centred(values, *, period):
    """An average of as many sessions before as after."""
    frame = pd.DataFrame(values).rolling(period, center=True, min_periods=period).mean()
    return frame.to_numpy()


def adjusted_to_the_end(rows, symbols):
    """Prices divided by the splits still to come, as a source of today's downloads gives them."""
    bars = bars_of_prices(rows, symbols)
    coming = bars.chain[-1] / bars.chain
    level = {name: getattr(bars, name) / coming for name in ("open", "high", "low", "close")}
    return replace(bars, **level, volume=bars.volume * coming, split=None, dividend=None)


@pytest.mark.parametrize(
    ("owner", "name", "careless", "column"),
    [
        (rule_decisions, "said", of_tomorrow, "the row itself"),
        (indicators, "sma", centred, "the row itself"),
        ("here", "bars_of_prices", adjusted_to_the_end, "price"),
    ],
    ids=["signal from tomorrow's close", "centred average", "adjusted by a later split"],
)
def test_a_careless_copy_is_named(prices, monkeypatch, owner, name, careless, column):
    if owner == "here":
        monkeypatch.setitem(
            globals(), "rule_decisions_bars", lambda rows: careless(rows, ["S0", "S1", "S2", "S3"])
        )
    else:
        monkeypatch.setattr(owner, name, careless)
    leak = audited(dated, prices).leaks[0]
    assert set(leak.cause) == {"prices"}
    assert leak.first.date <= leak.alteration.moment
    assert (leak.first.table, leak.first.column) == ("rule_signals", column), leak.first
