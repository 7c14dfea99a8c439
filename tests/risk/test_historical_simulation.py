import numpy as np
import pandas as pd
import pytest
from risk_worlds import DAYS, greeks, holdings, market, totals

from lib.pricing import american
from lib.pricing.black_scholes import price
from lib.risk.benchmark import relative_metrics
from lib.risk.historical_simulation import (
    COVERED,
    benchmark_returns,
    coverage_by_reason,
    repricing_effect,
    returns_table,
    simulate,
    underwater,
    value_paths,
)
from lib.risk.metrics import look_up, risk_metrics
from lib.risk.pages.metrics import time_sentence
from lib.stats.tails import cvar


def opened(*rows, cash=0.0, prices=None, **options):
    positions = holdings(*rows)
    prices = market() if prices is None else prices
    none = greeks(positions).iloc[:0]
    return simulate(positions, none, totals(positions, cash), prices, **options)


def moves(symbol, prices=None):
    prices = market() if prices is None else prices
    close = prices[prices["symbol"] == symbol].set_index("date")["adj_close"]
    return close / close.shift(1) - 1


def test_a_day_s_return_is_exposure_times_return_over_net_asset_value():
    book = opened(("AAA", "stock", 300.0), ("BBB", "etf", -100.0), cash=50.0)
    expected = (300 * moves("AAA") - 100 * moves("BBB")) / 250
    pd.testing.assert_series_equal(book.returns, expected.iloc[1:], check_names=False, check_freq=False)
    assert book.base_date == DAYS[0]
    assert (book.base, book.flags, book.covered_share) == ("nav", (), 1.0)
    assert list(returns_table(book)) == ["date", "return", "compounding_return"]
    assert book.compounding.equals(book.returns)


def test_two_lots_of_one_underlying_are_one_exposure():
    twice = opened(("AAA", "stock", 100.0), ("AAA", "stock", 200.0))
    once = opened(("AAA", "stock", 300.0))
    pd.testing.assert_series_equal(twice.returns, once.returns)


def test_what_cannot_be_covered_is_left_out_and_counted_by_reason():
    young = market(("NEW",), days=DAYS[-100:])
    book = opened(
        ("AAA", "stock", 100.0),
        ("AAA200117C00100000", "option", 20.0, "AAA"),
        ("HOUSE", "manual", 60.0),
        ("GONE", "stock", np.nan),
        ("NEW", "stock", 20.0),
        ("SOLD", "stock", 0.0),
        prices=pd.concat([market(), young]),
    )
    reasons = book.coverage["reason"]
    assert reasons.tolist() == [COVERED, "no_greeks", "manual", "unpriced", "short_history"]
    assert book.flags == tuple(f"{reason}_left_out" for reason in reasons[1:])
    assert book.covered_share == pytest.approx(0.5)
    table = coverage_by_reason(book).set_index("reason")
    assert table["positions"].to_dict() == dict.fromkeys(reasons, 1)
    assert table.loc["manual", "nav_share"] == pytest.approx(0.3)
    assert np.isnan(table.loc["unpriced", "exposure"])
    pd.testing.assert_series_equal(
        book.returns, (0.5 * moves("AAA")).iloc[1:], check_names=False, check_freq=False
    )


def test_a_symbol_with_a_year_of_prices_shortens_the_book_to_its_own_past():
    prices = pd.concat([market(), market(("NEW",), days=DAYS[-300:])])
    book = opened(("AAA", "stock", 100.0), ("NEW", "stock", 100.0), prices=prices)
    assert len(book.returns) == 299
    assert book.flags == ()


@pytest.mark.parametrize(("bars", "reason"), [(100, "short_history"), (101, COVERED)])
def test_as_many_returns_as_are_asked_for_are_enough(bars, reason):
    prices = pd.concat([market(), market(("NEW",), days=DAYS[-bars:])])
    book = opened(("NEW", "stock", 100.0), prices=prices, minimum_history=100)
    assert book.coverage["reason"].tolist() == [reason]


def test_the_fall_of_a_day_stands_on_that_day():
    """100, then 150, 75, 90 and 180: the falls are 0, a half, two fifths and none."""
    close = [100.0, 150.0, 75.0, 90.0, 180.0]
    prices = pd.DataFrame({"date": DAYS[:5], "symbol": "AAA", "adj_close": close, "price_basis": "raw"})
    book = opened(("AAA", "stock", 100.0), prices=prices, minimum_history=2)
    falls = underwater(book)
    assert falls.index.equals(DAYS[1:5])
    assert falls.tolist() == pytest.approx([0.0, -0.5, -0.4, 0.0])
    path = value_paths(book, None, names=("Book", None))["Book"]
    assert path.to_dict() == pytest.approx(dict(zip(DAYS[:5], [1.0, 1.5, 0.75, 0.9, 1.8], strict=True)))


def test_a_gap_costs_its_day_and_the_next_so_that_no_return_spans_it():
    prices = market(missing=[("AAA", 500)])
    book = opened(("AAA", "stock", 100.0), ("BBB", "stock", 100.0), prices=prices)
    assert book.days_left_out == 2
    assert DAYS[500] not in book.returns.index
    assert DAYS[501] not in book.returns.index


def test_without_positive_net_asset_value_returns_are_of_gross_exposure():
    book = opened(("AAA", "stock", 100.0), ("BBB", "stock", -300.0))
    assert (book.base, book.amount) == ("gross", 400.0)
    assert book.flags == ("base_gross",)
    assert book.returns.iloc[0] == pytest.approx((100 * moves("AAA") - 300 * moves("BBB")).iloc[1] / 400)
    assert coverage_by_reason(book)["nav_share"].isna().all()


@pytest.mark.parametrize(
    "rows", [(), (("HOUSE", "manual", 60.0),), (("GONE", "stock", np.nan),), (("ZZZ", "stock", 10.0),)]
)
def test_a_book_of_which_nothing_can_be_covered_has_no_returns(rows):
    book = opened(*rows)
    assert book.returns.empty
    assert book.base_date is None
    assert coverage_by_reason(book).iloc[0]["positions"] == 0


def test_a_book_that_is_valued_on_adjusted_prices_says_so():
    adjusted = market().assign(price_basis="adjusted")
    assert opened(("AAA", "stock", 100.0), prices=adjusted).flags == ("adjusted_prices",)
    assert opened(("HOUSE", "manual", 100.0), prices=adjusted).flags == ("manual_left_out",)


def test_the_benchmark_is_on_the_book_s_days_and_spans_no_gap():
    prices = market(missing=[("IDX", 700)])
    book = opened(("AAA", "stock", 100.0), prices=prices)
    found = benchmark_returns(prices, "IDX", past=book)
    assert found.index.equals(book.returns.index)
    assert found[found.isna()].index.tolist() == [DAYS[700], DAYS[701]]
    assert benchmark_returns(prices, "NONE", past=book) is None
    assert benchmark_returns(prices, None, past=book) is None


CALL = "AAA200117C00100000"


def with_options(*rows, cash=0.0, **options):
    """A book whose options have Greeks; underlying AAA and BBB stand at 100 for them."""
    positions = holdings(*rows)
    return simulate(positions, greeks(positions, **options), totals(positions, cash), market())


def test_an_option_is_repriced_at_each_days_move_with_todays_volatility_and_time():
    book = with_options((CALL, "option", -400.0, "AAA"), ("AAA", "stock", 20_000.0))
    move = moves("AAA").iloc[1:]
    spot = 100.0 * (1 + move.to_numpy())
    terms = {"strike": 100.0, "years": 0.1, "rate": 0.0, "volatility": 0.3, "right": "C"}
    change = price(spot=spot, **terms) - price(spot=100.0, **terms)
    expected = (20_000.0 * move.to_numpy() - 100.0 * change) / book.nav
    assert book.returns.to_numpy() == pytest.approx(expected, abs=1e-12)
    assert (book.options, book.flags, book.covered_share) == (1, (), 1.0)
    older = price(spot=spot, **terms | {"years": 0.1 - 1 / 252}) - price(spot=100.0, **terms)
    aged = (20_000.0 * move.to_numpy() - 100.0 * older) / book.nav
    assert book.compounding.to_numpy() == pytest.approx(aged, abs=1e-12)


def test_the_effect_of_repricing_is_that_of_the_last_days():
    """The quantile and the mean beyond it by numpy, on the profit with and without the option repriced."""
    book = with_options((CALL, "option", -400.0, "AAA"), ("AAA", "stock", 20_000.0))
    found = repricing_effect(book, days=100)
    delta = greeks(holdings((CALL, "option", -400.0, "AAA")))["delta_dollars"].iloc[0]
    by_delta = (20_000.0 + delta) * moves("AAA").iloc[-100:].to_numpy() / book.nav
    for name, series in (("repriced", book.returns.to_numpy()[-100:]), ("by_delta", by_delta)):
        cut = np.quantile(series, 0.05)
        losses = [-cut, -series[series <= cut].mean(), -series.min()]
        assert found[name].tolist() == pytest.approx(losses, rel=1e-9)
    assert found.index.tolist() == ["var_95", "cvar_95", "worst_day"]
    year = repricing_effect(book)["repriced"]["var_95"]
    assert year == pytest.approx(-np.quantile(book.returns.to_numpy()[-252:], 0.05), rel=1e-9)


def test_an_american_option_is_repriced_by_the_tree_today_and_a_day_older():
    """A put at a rate of 8 % a year, where exercise pays: the European formula would be off by a tenth."""
    positions = holdings((CALL, "option", 400.0, "AAA"), ("AAA", "stock", 20_000.0)).assign(right="P")
    found = greeks(positions, years=1.0).assign(rate=0.08, model="american")
    prices = market(days=DAYS[:400])
    book = simulate(positions, found, totals(positions), prices)
    move = moves("AAA", prices).iloc[1:].to_numpy()
    terms = {"strike": 100.0, "rate": 0.08, "volatility": 0.3, "right": "P"}
    now = american.price(spot=100.0, years=1.0, **terms)
    for returns, years in ((book.returns, 1.0), (book.compounding, 1 - 1 / 252)):
        change = 100.0 * (american.price(spot=100.0 * (1 + move), years=years, **terms) - now)
        assert returns.to_numpy() * book.amount - 20_000.0 * move == pytest.approx(change, abs=0.05)
    european = price(spot=100.0 * (1 + move), years=1.0, **terms) - price(spot=100.0, years=1.0, **terms)
    assert np.abs(100.0 * european - (book.returns.to_numpy() * book.amount - 20_000.0 * move)).max() > 10.0


def test_what_compounds_pays_for_gamma_with_theta_and_the_loss_of_a_day_does_not():
    """A hedged option earns nothing where the market moves by the volatility it is priced at."""
    generator = np.random.default_rng(11)
    daily = 0.3 / np.sqrt(252)
    close = 100 * np.cumprod(1 + generator.normal(0, daily, len(DAYS)))
    prices = pd.DataFrame({"date": DAYS, "symbol": "AAA", "adj_close": close, "price_basis": "raw"})
    terms = {"strike": 100.0, "years": 0.5, "rate": 0.0, "volatility": 0.3, "right": "C"}
    worth = 100 * float(price(spot=100.0, **terms))
    up, down = (float(price(spot=100.0 + step, **terms)) for step in (0.01, -0.01))
    hedge = -100 * 100.0 * (up - down) / 0.02
    positions = holdings((CALL, "option", worth, "AAA"), ("AAA", "stock", hedge))
    found = greeks(positions, years=0.5)
    book = simulate(positions, found, totals(positions, 10_000.0 - worth - hedge), prices)
    earned = book.compounding * 10_000.0
    noise = earned.std() / np.sqrt(len(earned))
    assert abs(earned.mean()) < 3 * noise
    assert (book.returns * 10_000.0).mean() > 10 * noise
    table = risk_metrics(
        book.returns,
        relative=relative_metrics(book.compounding, None, risk_free=0.0, total_return=False, symbol=None),
        compounding=book.compounding,
    )
    assert look_up(table, "cumulative_return", "all") == pytest.approx((1 + book.compounding).prod() - 1)
    assert look_up(table, "var_95", "all") == pytest.approx(-np.quantile(book.returns, 0.05))
    assert "let options age" in time_sentence(book)


def test_an_option_on_its_last_day_is_worth_what_it_pays():
    book = with_options((CALL, "option", 400.0, "AAA"), cash=1_000.0, years=0.5 / 252)
    move = moves("AAA").iloc[1:].to_numpy()
    now = price(spot=100.0, strike=100.0, years=0.5 / 252, rate=0.0, volatility=0.3, right="C")
    paid = 100.0 * (np.maximum(100.0 * move, 0.0) - now)
    assert book.compounding.to_numpy() * book.amount == pytest.approx(paid, abs=1e-8)


def test_a_book_short_of_gamma_loses_more_than_its_deltas_say_and_a_long_one_less():
    stock = ("BBB", "stock", 30_000.0)
    short = with_options((CALL, "option", -400.0, "AAA"), stock)
    long = with_options((CALL, "option", 400.0, "AAA"), stock)
    assert (short.returns <= short.by_delta + 1e-15).all()
    assert (long.returns >= long.by_delta - 1e-15).all()
    assert cvar(short.returns, level=0.99) > cvar(short.by_delta, level=0.99)


def test_no_option_can_lose_its_holder_more_than_its_premium():
    book = with_options((CALL, "option", 400.0, "AAA"), cash=1e5, volatility=0.05)
    premium = price(spot=100.0, strike=100.0, years=0.1, rate=0.0, volatility=0.05, right="C") * 100
    assert book.returns.min() * book.amount >= -premium
    assert book.by_delta.min() * book.amount < -premium


def test_two_lots_of_one_contract_are_one_and_a_small_block_changes_nothing(monkeypatch):
    lots = [(CALL, "option", 300.0, "AAA"), (CALL, "option", 500.0, "AAA"), ("AAA", "stock", 9_000.0)]
    whole = with_options(*lots)
    monkeypatch.setattr("lib.risk.historical_simulation.BLOCK", 7)
    pd.testing.assert_series_equal(with_options(*lots).returns, whole.returns)
    one = with_options(lots[0], ("AAA", "stock", 9_500.0))
    option = whole.returns * whole.amount - 9_000 * moves("AAA").iloc[1:]
    single = one.returns * one.amount - 9_500 * moves("AAA").iloc[1:]
    assert option.to_numpy() == pytest.approx(2 * single.to_numpy(), abs=1e-9)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_book_of_options_only_has_returns(sign):
    book = with_options((CALL, "option", sign * 400.0, "AAA"))
    assert len(book.returns) == 1599
    assert book.base == ("nav" if sign > 0 else "gross")
    assert book.returns.notna().all()


def test_an_option_without_greeks_is_left_out_and_the_stock_is_not():
    book = opened(("AAA", "stock", 100.0), (CALL, "option", 20.0, "AAA"))
    assert book.coverage["reason"].tolist() == [COVERED, "no_greeks"]
    assert book.returns.to_numpy() == pytest.approx((100 * moves("AAA").iloc[1:] / 120).to_numpy())
