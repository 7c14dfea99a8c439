"""The volatility of an option without a price of its own, by its strike from those of others."""

import numpy as np
import pandas as pd
import pytest
from option_worlds import AS_OF, book, fair, greeks_of, position

from lib.portfolio import skew
from lib.portfolio.pages import greeks as page

DAY = pd.Timestamp(AS_OF)
EXPIRY = DAY + pd.Timedelta(days=90)


def option(strike, *, right="C", days=90, volatility=None, symbol=None, underlying="AAPL"):
    """One contract; its price is fair at ``volatility``, or missing."""
    price = np.nan if volatility is None else fair(strike, days, right, volatility=volatility)
    name = symbol or f"{right}{strike}d{days}"
    return position(name, 1, price, days=days, strike=strike, right=right, underlying=underlying)


def found(*options, vols=(), **market):
    """Source and volatility of the first option."""
    row = greeks_of(book(*options), vols=vols, **market).iloc[0]
    return row["implied_vol_source"], row["implied_vol"]


def quoted(*volatilities, days=90, symbol="AAPL", right="P"):
    expiry = DAY + pd.Timedelta(days=days)
    return [(symbol, expiry, float(strike), right, one) for strike, one in volatilities]


def test_a_strike_between_two_quoted_ones_lies_on_the_line_in_log_moneyness():
    weight = np.log(100 / 90) / np.log(120 / 90)
    source, volatility = found(option(100), vols=[*quoted((90, 0.4), (120, 0.2)), ("AAPL", 0.9)])
    assert source == "implied_vols_by_strike"
    assert volatility == pytest.approx(0.4 - 0.2 * weight, abs=1e-12)


def test_beyond_the_last_strike_it_is_flat():
    vols = quoted((90, 0.4), (120, 0.2))
    assert found(option(80), vols=vols) == ("implied_vols_by_strike", 0.4)
    assert found(option(150), vols=vols) == ("implied_vols_by_strike", 0.2)


def test_own_prices_of_other_strikes_speak_where_the_table_has_a_flat_level_only():
    others = option(90, volatility=0.4), option(120, volatility=0.2)
    weight = np.log(100 / 90) / np.log(120 / 90)
    source, volatility = found(option(100), *others, vols=[("AAPL", 0.9)])
    assert source == "prices_by_strike"
    assert volatility == pytest.approx(0.4 - 0.2 * weight, abs=1e-9)


def test_the_own_row_and_the_own_price_come_before_any_skew():
    others = option(90, volatility=0.4), option(120, volatility=0.2)
    exact = ("AAPL", EXPIRY, 100.0, "C", 0.35)
    assert found(option(100), *others, vols=[exact, *quoted((90, 0.5))]) == ("implied_vols", 0.35)
    source, volatility = found(option(100, volatility=0.25), *others, vols=[exact])
    assert source == "price"
    assert volatility == pytest.approx(0.25)


def test_the_table_comes_before_prices_at_the_same_expiry_and_the_own_expiry_before_another():
    others = option(90, volatility=0.4), option(120, volatility=0.4)
    both = quoted((90, 0.3), (120, 0.3))
    assert found(option(100), *others, vols=both) == ("implied_vols_by_strike", 0.3)
    elsewhere = quoted((90, 0.3), (120, 0.3), days=100)
    source, volatility = found(option(100), *others, vols=elsewhere)
    assert (source, volatility) == ("prices_by_strike", pytest.approx(0.4))


def test_one_strike_is_no_skew_unless_it_is_the_options_own():
    assert found(option(100), option(90, volatility=0.4), vols=[("AAPL", 0.9)]) == ("implied_vols", 0.9)
    twin = option(100, right="P", volatility=0.4)
    source, volatility = found(option(100), twin, vols=[("AAPL", 0.9)])
    assert source == "prices_by_strike", "by parity the put says it"
    assert volatility > 0.35
    assert found(option(100), vols=[*quoted((100, 0.4)), ("AAPL", 0.9)]) == ("implied_vols_by_strike", 0.4)


def test_the_nearest_expiry_speaks_up_to_half_or_twice_the_time():
    flat = ("AAPL", 0.9)
    near, far = quoted((90, 0.3), (120, 0.3), days=60), quoted((90, 0.2), (120, 0.2), days=150)
    assert found(option(100), vols=[*near, *far, flat])[1] == 0.3
    assert found(option(100, days=120), vols=[*near, *far, flat])[1] == 0.2
    assert found(option(100), vols=[*far, flat])[1] == 0.2
    assert found(option(100, days=74), vols=[*far, flat])[1] == 0.9
    assert found(option(100, days=301), vols=[*far, flat])[1] == 0.9


def test_other_underlyings_and_stale_prices_say_nothing():
    other = quoted((90, 0.3), (120, 0.3), symbol="KO")
    assert found(option(100), vols=[*other, ("AAPL", 0.9)])[1] == 0.9
    stale = [option(strike, volatility=0.4) | {"flags": "STALE"} for strike in (90, 120)]
    assert found(option(100), *stale, vols=[("AAPL", 0.9)])[1] == 0.9


def test_calls_and_puts_of_one_strike_count_once():
    strikes = pd.DataFrame(
        {
            "underlying": "AAPL",
            "expiry": EXPIRY,
            "strike": [90.0, 90.0, 120.0],
            "implied_vol": [0.3, 0.5, 0.2],
        }
    )
    asked = pd.DataFrame({"underlying": "AAPL", "expiry": EXPIRY, "strike": [90.0, 120.0]}, index=[7, 3])
    result = skew.by_strike(asked, strikes, day=DAY)
    assert result.to_dict() == pytest.approx({7: 0.4, 3: 0.2})
    assert skew.by_strike(asked, strikes.iloc[:0], day=DAY).isna().all()


def test_the_page_says_where_each_volatility_comes_from():
    positions = book(option(100), option(90, volatility=0.4), option(120, volatility=0.2))
    told = page.inputs_sentence(greeks_of(positions))
    assert "2 from the option's own price" in told
    assert "1 from prices of other options, by strike" in told
