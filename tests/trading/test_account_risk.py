"""Sizes under every limit, stops, limits and losses of an account whose figures are worked out by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lib.trading.account_risk import Choice, account_risk
from lib.trading.charges import CostTable
from lib.trading.costs import FREE
from lib.trading.order_sizes import Standing, order_sizes
from lib.trading.pages import risk as page
from lib.trading.rule_files import Limits, RuleBook, read_rules
from lib.trading.sizing import Caps, position_size, size_of_one
from tests.trading.risk_frames import DAYS, LAST, holding, inputs, today

RULES = ["rsi_reversion", "average_cross"]
NOTHING = pd.DataFrame({"symbol": [], "strategy": [], "value": []}).astype(
    {"symbol": "str", "strategy": "str"}
)


def book(**more) -> RuleBook:
    found = read_rules(strategies=RULES)
    sizing = {**found.sizing, **{key: more.pop(key) for key in list(more) if key in found.sizing}}
    return replace(found, sizing=sizing, limits=Limits(**more))


def wanted(entry, stop, volume=np.nan):
    return pd.DataFrame(
        {
            "strategy": ["rsi_reversion"],
            "symbol": ["ONE"],
            "when": ["said"],
            "entry": [entry],
            "stop": [stop],
            "usual_volume": [volume],
        }
    )


def one_size(entry, stop, standing, rules, volume=np.nan):
    sizes, caps = order_sizes(wanted(entry, stop, volume), standing, rules, FREE)
    return sizes.iloc[0], caps.set_index("cap")["shares"]


def test_the_worked_example_gives_66_shares_and_what_they_risk():
    """Entry 1,450, stop 1,420, balance 100,000, 2 %: 2,000 / 30 = 66.67, so 66 shares that risk 1,980."""
    standing = Standing(100_000.0, 1e9, NOTHING, {"ONE": "unknown"})
    size, caps = one_size(1450.0, 1420.0, standing, book(risk=0.02))
    assert size["quantity"] == 66 and size["limited_by"] == "SIZE_BY_RISK"
    assert size["value"] == 95_700.0
    assert size["budget"] == 2_000.0 and size["risk"] == pytest.approx(1_980.0)
    assert size["risk_share"] == pytest.approx(0.0198)
    assert caps["SIZE_BY_RISK"] == 66 and caps["SIZE_BY_POSITION"] == 68
    size, _ = one_size(1450.0, 1420.0, standing, book(risk=0.02, most_value=50_000.0))
    assert size["quantity"] == 34 and size["limited_by"] == "SIZE_BY_POSITION" and size["value"] == 49_300.0


@pytest.mark.parametrize(
    ("code", "quantity", "more", "standing", "volume"),
    [
        ("SIZE_BY_CASH", 15, {}, {"free_cash": 1_500.0}, np.nan),
        ("SIZE_BY_VOLUME", 20, {}, {}, 2_000.0),
        ("SIZE_BY_SECTOR", 100, {"sector": 0.30}, {}, np.nan),
        ("SIZE_BY_POSITION", 50, {"position": 0.15}, {}, np.nan),
        ("SIZE_BY_PLACES", 0, {"positions": 2}, {}, np.nan),
        ("SIZE_BY_RULE_PLACES", 0, {"strategy_positions": 1}, {}, np.nan),
        ("SIZE_BY_BREAKER", 0, {}, {"breaker": True}, np.nan),
    ],
)
def test_each_limit_binds_where_it_is_the_smallest(code, quantity, more, standing, volume):
    """Of 100,000, 10,000 are in ONE and 10,000 in OTHER of its sector; a share is 100, its stop 95."""
    held = pd.DataFrame(
        {
            "symbol": ["ONE", "OTHER"],
            "strategy": ["average_cross", "rsi_reversion"],
            "value": [10_000.0, 10_000.0],
        }
    )
    sectors = {"ONE": "Energy", "OTHER": "Energy"}
    base = {"equity": 100_000.0, "free_cash": 80_000.0, "holdings": held, "sectors": sectors}
    size, caps = one_size(100.0, 95.0, Standing(**{**base, **standing}), book(**more), volume)
    assert size["limited_by"] == code
    assert size["quantity"] == quantity == max(caps[code], 0) if quantity else size["rejected"] == "SIZE_ZERO"


def test_no_size_is_given_for_a_stop_on_the_wrong_side():
    standing = Standing(100_000.0, 1e9, NOTHING, {"ONE": "unknown"})
    for stop, code in ((101.0, "STOP_WRONG_SIDE"), (100.0, "STOP_AT_ENTRY"), (np.nan, "STOP_NOT_POSITIVE")):
        size, _ = one_size(100.0, stop, standing, book())
        assert (size["quantity"], size["rejected"], size["limited_by"]) == (0, code, "")


def test_plain_numbers_size_as_arrays_do():
    rng = np.random.default_rng(7)
    caps = Caps(most_value=20_000.0, leverage=0.3, volume_share=0.02, lot=3)
    for entry, way, usual, risk in zip(
        rng.lognormal(3, 1, 400),
        rng.normal(0.03, 0.04, 400),
        rng.lognormal(9, 2, 400),
        rng.choice([0.01, 0.2], 400),
        strict=True,
    ):
        given = {"entry": entry, "stop": entry * (1 - way), "side": 1, "balance": 1e5, "risk": risk}
        whole = position_size(**given, caps=caps, usual_volume=usual)
        assert size_of_one(**given, caps=caps, usual_volume=usual) == (
            int(whole.quantity),
            str(whole.rejected),
        )


def account(**more):
    worth = np.full(120, 100_000.0)
    worth[60:] = 99_000.0
    given = {
        "worth": worth,
        "held": [
            holding("ONE", "rsi_reversion", 200, 100.0, 94.0),
            holding("TWO", "average_cross", 800, 50.0, np.nan),
        ],
        "closes": {"ONE": 100.0, "TWO": 50.0, "IDX": 10.0},
        "said": today(
            [
                ("rsi_reversion", "TWO", "BUY", 50.0, 45.0, ""),
                ("average_cross", "ONE", "SELL", 100.0, np.nan, ""),
            ]
        ),
        "sectors": {"ONE": "Energy", "TWO": None},
    }
    return inputs(**{**given, **more})


def study(given, rules=None, **more):
    return account_risk(
        given,
        symbols=["ONE", "TWO"],
        strategies=RULES,
        benchmark="IDX",
        book=rules or book(),
        costs=CostTable(FREE),
        choice=Choice(**more),
    )


def test_entries_of_today_come_with_their_own_stop_and_others_are_supposed():
    table = study(account()).tables["order_sizes"].set_index(["strategy", "symbol"])
    said = table.loc[("rsi_reversion", "TWO")]
    assert (said["when"], said["stop"], said["entry"]) == ("said", 45.0, 50.0)
    assert said["quantity"] == 990 / 5
    supposed = table.loc[("rsi_reversion", "ONE")]
    assert supposed["when"] == "supposed" and supposed["stop"] == pytest.approx(95.0)


def test_orders_that_the_account_placed_stand_beside_the_sizes():
    orders = pd.DataFrame(
        {
            "decided": [LAST],
            "side": ["BUY"],
            "strategy": ["rsi_reversion"],
            "symbol": ["TWO"],
            "quantity": [198],
        }
    )
    table = study(account(orders=orders)).tables["order_sizes"].set_index(["strategy", "symbol"])
    assert table.loc[("rsi_reversion", "TWO"), "ordered"] == 198
    assert table["ordered"].notna().sum() == 1


def test_stops_lose_shares_times_the_way_to_them():
    table = study(account()).tables["position_stops"].set_index(["symbol", "kind"])
    assert table.loc[("ONE", "stands"), "loss"] == pytest.approx(200 * 6.0)
    assert table.loc[("ONE", "percent"), "loss"] == pytest.approx(200 * 5.0)
    assert table.loc[("ONE", "atr"), "stop"] == pytest.approx(100.0 - 3 * 2.0)
    assert table.loc[("ONE", "trailing"), "stop"] == pytest.approx(95.0)
    assert np.isnan(table.loc[("TWO", "stands"), "stop"])
    assert table.loc[("ONE", "stands"), "loss_share"] == pytest.approx(1_200.0 / 99_000.0)


def test_limits_say_how_full_they_are_and_which_are_exceeded():
    rules = book(positions=10, position=0.35, sector=0.5, daily_loss=0.02, strategy_positions=1)
    table = study(account(), rules).tables["account_limits"].set_index(["limit", "of"])
    assert table.loc[("positions", "all"), "full"] == pytest.approx(0.2)
    assert table.loc[("position", "TWO"), "used"] == pytest.approx(40_000 / 99_000)
    assert table.loc[("position", "TWO"), "exceeded"] and not table.loc[("position", "ONE"), "exceeded"]
    assert table.loc[("sector", "Energy"), "used"] == pytest.approx(20_000 / 99_000)
    assert table.loc[("sector", "TWO"), "used"] == pytest.approx(40_000 / 99_000)
    assert table.loc[("strategy_positions", "average_cross"), "full"] == 1.0
    assert not table.loc[("strategy_positions", "average_cross"), "exceeded"]


def test_a_loss_of_the_day_fills_the_breaker():
    worth = np.full(120, 100_000.0)
    worth[-1] = 98_500.0
    state = study(account(worth=worth), book(daily_loss=0.03)).tables["account_breaker_state"].iloc[0]
    assert state["limit"] == pytest.approx(3_000.0) and state["full"] == pytest.approx(0.5)
    state = study(account(worth=worth), book(daily_loss=0.03, daily_loss_money=500.0)).tables[
        "account_breaker_state"
    ]
    assert state.iloc[0]["full"] == pytest.approx(3.0)


def test_losses_rest_on_idle_days_too_and_say_when_they_are_too_few():
    """119 days without a move and one of -1 %: the 95 % loss of all days is nothing, not 1 %."""
    found = study(account())
    assert found.figure("var_95") == 0.0 and found.figure("idle") == pytest.approx(119 / 120)
    assert found.figure("max_drawdown") == pytest.approx(-0.01)
    table = found.tables["account_risk"].set_index(["window", "figure"])
    assert table.loc[("all", "var_95"), "code"] == "" and table.loc[("all", "var_99"), "code"] == "thin_tail"
    few = study(account(), recent=30).tables["account_risk"].set_index(["window", "figure"])
    assert (
        few.loc[("recent", "var_95"), "code"] == "thin_tail"
        and few.loc[("recent", "var_95"), "sessions"] == 30
    )


def test_beta_is_that_of_a_regression_on_the_benchmark():
    rng = np.random.default_rng(7)
    moves = rng.normal(0, 0.01, 120)
    given = account(worth=100_000.0 * np.cumprod(1 + 0.5 * moves))
    rows = given.prices["symbol"] == "IDX"
    given.prices.loc[rows, "adj_close"] = 10.0 * np.cumprod(1 + moves)
    found = study(given)
    assert found.figure("beta") == pytest.approx(0.5)
    assert found.benchmark_days == len(DAYS) - 1


def test_the_page_says_what_is_exceeded_first_and_all_checks_hold():
    found = study(account(), book(position=0.35))
    told = page.faults(found, ["real"])
    assert told[0].startswith("A paper account")
    assert told[1].startswith("Over its limit: one symbol (TWO)")
    assert any("TWO" in one for one in told if one.startswith("Without a stop"))
    assert all(check.passed for check in page.checks(found))
    assert "the breaker is off" in page.verdict(found)
    assert "largest position" in page.sizes(found).astype("str").to_string()
    assert "←" in page.caps(found).to_string()
    for say in (
        page.sizes_sentence,
        page.stops_sentence,
        page.limits_sentence,
        page.risk_sentence,
        page.breaker_sentence,
    ):
        assert say(found).endswith(".")
