import numpy as np
import pandas as pd
import pytest
from risk_worlds import greeks, holdings, market, totals
from scipy.stats import binom

from lib import codes
from lib.contracts import conform
from lib.risk.backtest import backtest_table
from lib.risk.benchmark import relative_metrics
from lib.risk.historical_simulation import benchmark_returns, simulate, underwater, value_paths
from lib.risk.metrics import look_up, risk_metrics, sharpe_error
from lib.risk.pages import backtests, measures
from lib.risk.pages import metrics as page
from lib.risk.risk_free import RiskFree, risk_free_rate
from lib.stats.backtests import kupiec
from lib.stats.drawdowns import drawdown_table
from lib.tables import TABLES

NAMES = """
    cumulative_return annual_return annual_volatility sharpe sortino calmar max_drawdown var_95 var_99
    cvar_95 cvar_99 parametric_var_95 beta alpha tracking_error information_ratio up_capture down_capture
    skewness excess_kurtosis tail_ratio omega hit_rate best_day worst_day kupiec_lr kupiec_p
    christoffersen_lr christoffersen_p exceedances exceedances_p factor_var_95 factor_var_99
    var_95_10d var_99_10d cvar_95_10d cvar_99_10d factor_var_95_10d factor_var_99_10d
"""


NO_PARTS = pd.DataFrame({"position_id": [], "method": [], "value": [], "share": []})


def world(*rows, days=None, symbol="IDX", **options):
    """Book, metrics and drawdowns as the notebook makes them."""
    positions = holdings(*rows)
    prices = market() if days is None else market(days=pd.bdate_range("2020-01-01", periods=days + 1))
    book = simulate(positions, greeks(positions), totals(positions), prices, minimum_history=20)
    against = benchmark_returns(prices, symbol, past=book)
    settings = {"risk_free": 0.0, "total_return": False, "symbol": symbol, **options}
    relative = relative_metrics(book.compounding, against, **settings)
    metrics = risk_metrics(book.returns, compounding=book.compounding, relative=relative, flags=book.flags)
    return book, metrics, drawdown_table(book.compounding, base_date=book.base_date)


def flag(metrics, metric, window):
    return metrics[(metrics["metric"] == metric) & (metrics["window"] == window)]["flag"].iloc[0]


LONG = (("AAA", "stock", 100.0), ("BBB", "stock", 50.0))


def test_the_table_keeps_its_contract_and_uses_no_other_names():
    metrics = conform(world(*LONG)[1], TABLES["risk_metrics"])
    assert set(metrics["metric"]) <= set(NAMES.split())
    assert metrics["value"].notna().all()


def test_alpha_and_sharpe_ratio_take_the_rate_off_by_the_day():
    """Of 5 % a year a day costs 0.05 / 252; the slope is numpy's."""
    book, metrics, _ = world(*LONG, risk_free=0.05)
    own = book.compounding.to_numpy()
    other = benchmark_returns(market(), "IDX", past=book).to_numpy()
    slope = np.polyfit(other, own, 1)[0]
    rate = 0.05 / 252
    alpha = 252 * ((own.mean() - rate) - slope * (other.mean() - rate))
    assert look_up(metrics, "alpha", "all") == pytest.approx(alpha, rel=1e-9)
    bare = relative_metrics(book.compounding, None, risk_free=0.05, total_return=False, symbol=None)
    over = risk_metrics(book.returns, compounding=book.compounding, relative=bare, risk_free=0.05)
    ratio = (own.mean() - rate) / own.std(ddof=1) * np.sqrt(252)
    assert look_up(over, "sharpe", "all") == pytest.approx(ratio, rel=1e-9)


def test_each_window_takes_its_own_last_days():
    book, metrics, _ = world(*LONG)
    for window, days in {"1y": 252, "3y": 756, "5y": 1260, "all": 1599}.items():
        part = book.returns.tail(days)
        assert look_up(metrics, "var_95", window) == pytest.approx(-np.quantile(part, 0.05))
        assert look_up(metrics, "worst_day", window) == part.min()
        rows = metrics[(metrics["window"] == window) & (metrics["metric"] == "var_95")]
        assert rows["observations"].tolist() == [days]


def test_the_99_percent_figures_of_one_year_are_flagged_as_thin():
    metrics = world(*LONG)[1]
    assert flag(metrics, "var_99", "1y") == flag(metrics, "cvar_99", "1y") == "thin_tail"
    assert flag(metrics, "var_99", "3y") == flag(metrics, "var_95", "1y") == ""


def test_a_window_longer_than_the_history_is_missing_with_its_reason():
    metrics = world(*LONG, days=300)[1]
    assert np.isnan(look_up(metrics, "var_95", "3y"))
    assert flag(metrics, "var_95", "3y") == flag(metrics, "beta", "3y") == "short_history"
    assert np.isfinite(look_up(metrics, "var_95", "1y"))


def test_under_a_year_nothing_is_annualised_but_volatility_is_shown():
    metrics = world(*LONG, days=100)[1]
    for metric in ("annual_return", "calmar"):
        assert np.isnan(look_up(metrics, metric, "all"))
        assert flag(metrics, metric, "all") == "under_one_year"
    assert look_up(metrics, "annual_volatility", "all") > 0
    assert np.isfinite(look_up(metrics, "cumulative_return", "all"))
    assert "no value at risk" in page.verdict(*world(*LONG, days=100)[:2], "USD").lower()


def test_flags_of_the_book_stand_on_every_row():
    metrics = world(*LONG, ("BBB", "stock", -900.0), ("X", "manual", 1.0))[1]
    assert metrics["flag"].str.contains("base_gross,manual_left_out").all()


def test_a_book_that_is_the_benchmark_has_beta_one_and_no_tracking_error():
    metrics = world(("IDX", "etf", 100.0))[1]
    assert look_up(metrics, "beta", "all") == pytest.approx(1.0)
    assert look_up(metrics, "alpha", "all") == pytest.approx(0.0, abs=1e-12)
    assert look_up(metrics, "up_capture", "3y") == pytest.approx(1.0)
    assert flag(metrics, "information_ratio", "all") == "zero_variance"
    assert flag(metrics, "beta", "all") == "price_index"


@pytest.mark.parametrize(("symbol", "reason"), [(None, "no_benchmark"), ("NONE", "benchmark_missing")])
def test_without_a_benchmark_the_comparison_is_missing_not_zero(symbol, reason):
    metrics = world(*LONG, symbol=symbol)[1]
    rows = metrics[metrics["metric"].isin(list(measures.RELATIVE))]
    assert rows["value"].isna().all()
    assert set(rows["flag"]) == {reason}
    assert codes.words(reason) in page.benchmark_sentence(metrics, symbol)
    assert page.benchmark_sentence(metrics, symbol).startswith(
        f"No comparison with {symbol} over" if symbol else "No comparison over"
    )


def test_a_capture_over_few_months_says_so():
    metrics = world(*LONG)[1]
    assert "few_months" in flag(metrics, "up_capture", "1y")
    assert "few_months" not in flag(metrics, "up_capture", "5y")


def against(own, other):
    """Rows of the comparison over the whole history, by metric."""
    table = relative_metrics(own, other, risk_free=0.0, total_return=True, symbol="IDX")
    return table[table["window"] == "all"].set_index("metric")


def rising(days):
    """The book gains twice what the benchmark does, every day."""
    other = pd.Series(np.linspace(0.001, 0.002, len(days)), index=days)
    return 2.0 * other, other


def test_fifteen_common_days_make_a_month_and_fourteen_do_not():
    months = [
        pd.bdate_range(f"2021-0{month}-01", periods=days) for month, days in ((2, 15), (3, 14), (4, 16))
    ]
    found = against(*rising(months[0].append(months[1:])))
    assert found.loc["up_capture", "observations"] == 2
    assert found.loc["down_capture", "observations"] == 0


@pytest.mark.parametrize(("end", "few"), [("2021-11-30", True), ("2021-12-31", False)])
def test_twelve_rising_months_are_not_few(end, few):
    found = against(*rising(pd.bdate_range("2021-01-01", end)))
    assert ("few_months" in found.loc["up_capture", "flag"]) is few
    assert found.loc["down_capture", "flag"] == "few_months"


@pytest.mark.parametrize(("missing", "reason"), [(5, ""), (6, "short_benchmark")])
def test_a_benchmark_known_on_95_days_of_100_is_enough(missing, reason):
    own, other = rising(pd.bdate_range("2021-01-01", periods=100))
    other.iloc[10 : 10 + missing] = np.nan
    found = against(own, other)
    assert found.loc["beta", "flag"] == reason
    assert np.isnan(found.loc["beta", "value"]) == bool(reason)
    assert found.loc["beta", "observations"] == 100 - missing


def test_the_error_of_a_sharpe_ratio_is_los_over_a_year():
    """Lo (2002): root of (1 + half the squared ratio of a day) over the days, times root 252."""
    series = pd.Series(np.random.default_rng(4).normal(0.002, 0.01, 400))
    ratio = series.mean() / series.std(ddof=1)
    expected = np.sqrt((1 + ratio**2 / 2) / 400) * np.sqrt(252)
    assert sharpe_error(series) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("days", "known"), [(251, False), (252, True)])
def test_a_year_of_days_is_a_year(days, known):
    metrics = world(*LONG, days=days)[1]
    for metric in ("var_95", "beta", "annual_return"):
        assert np.isfinite(look_up(metrics, metric, "1y")) == known


def test_the_backtest_counts_days_beyond_the_forecast_of_the_days_before():
    book = world(*LONG)[0]
    table = backtest_table(book.returns).set_index(["level", "window"])
    values = book.returns.to_numpy()
    hits = [values[day] < np.quantile(values[day - 252 : day], 0.05) for day in range(252, len(values))]
    assert table.loc[(0.95, "all"), "exceedances"] == sum(hits)
    assert table.loc[(0.95, "1y"), "exceedances"] == sum(hits[-252:])
    assert table.loc[(0.95, "all"), "forecasts"] == 1599 - 252
    for level in (0.95, 0.99):
        expected = {"1y": 252, "3y": 756, "5y": 1260, "all": 1347}
        promised = table.loc[level, "expected"].to_dict()
        assert promised == pytest.approx({window: n * (1 - level) for window, n in expected.items()})


def test_fewer_than_250_forecasts_are_no_test():
    metrics = world(*LONG, days=501)[1]
    assert np.isnan(look_up(metrics, "kupiec_p", "all"))
    assert flag(metrics, "kupiec_p", "all") == "too_few_forecasts"
    assert np.isfinite(look_up(world(*LONG, days=502)[1], "kupiec_p", "all"))


@pytest.mark.parametrize(
    "rows",
    [
        LONG,
        (("AAA", "stock", -100.0),),
        (("AAA", "stock", 100.0), ("X", "option", 5.0, "AAA"), ("Y", "manual", 50.0), ("Z", "stock", np.nan)),
        (("X", "manual", 5.0),),
        (),
    ],
)
@pytest.mark.parametrize("days", [None, 60])
def test_every_book_has_its_exhibits_sentences_and_passing_checks(rows, days):
    book, metrics, falls = world(*rows, days=days)
    conform(metrics, TABLES["risk_metrics"])
    conform(falls, TABLES["drawdowns"])
    for labels in (measures.FRACTIONS, measures.LOSSES, measures.RATIOS, measures.RELATIVE):
        table = measures.by_window(metrics, labels)
        assert {column.name for column in measures.PERCENT_BY_WINDOW} <= set(table.columns)
        missing = table[list(measures.WINDOWS)].isna().to_numpy()
        reasons = table[[f"{window}_reason" for window in measures.WINDOWS]]
        assert (reasons.notna() & (reasons != "") | ~missing).all(axis=None)
        assert not reasons.map(lambda reason: "_" in str(reason)).any(axis=None)
    tested = backtest_table(book.returns)
    text = " ".join(
        [
            page.coverage_sentence(book),
            page.growth_sentence(book, metrics, sharpe_error(book.returns)),
            page.tail_sentence(book, metrics, "USD"),
            page.thin_sentence(metrics),
            page.fall_sentence(book, falls),
            page.falls_sentence(book, falls),
            backtests.backtest_sentence(tested),
            page.verdict(book, metrics, "USD"),
            *(figure.sentence for figure in page.key_figures(book, metrics, "USD")),
        ]
    )
    assert "nan" not in text
    assert len(page.key_figures(book, metrics, "USD")) == 5
    shown = backtests.backtest(tested)
    assert (shown["reason"] != "").eq(shown[["exceedances", "christoffersen_p"]].isna().any(axis=1)).all()
    assert not page.coverage(book)["reason"].str.contains("_").any()
    assert len(value_paths(book, None, names=("a", "b"))) == len(book.returns) + bool(len(book.returns))
    assert len(underwater(book)) == len(book.returns)
    found = page.checks(book, metrics, falls, totals(holdings(*rows)), NO_PARTS)
    assert [check.name for check in found if not check.passed] == []


def test_the_checks_see_a_wrong_figure():
    book, metrics, falls = world(*LONG)
    wrong = metrics.assign(value=metrics["value"].where(metrics["metric"] != "cvar_95", 0.0))
    wrong = wrong.assign(value=wrong["value"].where(wrong["metric"] != "max_drawdown", -0.01))
    found = page.checks(book, wrong, falls, totals(holdings(*LONG)), NO_PARTS)
    failed = [check.name for check in found if not check.passed]
    assert len(failed) == 2


def test_leverage_scales_losses_and_leaves_the_sharpe_ratio():
    positions = holdings(*LONG)
    none = greeks(positions)
    plain = simulate(positions, none, totals(positions), market())
    levered = simulate(positions, none, totals(positions, cash=-75.0), market())
    assert levered.returns.to_numpy() == pytest.approx(2 * plain.returns.to_numpy())


def backtests_of(*rows):
    """A backtest table from (level, window, forecasts, exceedances, Christoffersen's p)."""
    found = []
    for level, window, forecasts, hits, clusters in rows:
        chance = binom.cdf(hits, forecasts, 1 - level)
        share = kupiec(hits, forecasts=forecasts, level=level)
        found.append(
            {
                "level": level,
                "window": window,
                "forecasts": forecasts,
                "exceedances": hits,
                "expected": forecasts * (1 - level),
                "kupiec_p": share.p_value,
                "christoffersen_p": clusters,
                "chance": chance,
                "zone": "green" if chance < 0.95 else "yellow" if chance < 0.9999 else "red",
            }
        )
    return pd.DataFrame(found)


def test_the_sentence_of_the_backtest_starts_with_the_worst_and_not_with_the_one_that_passes():
    """17 of 756 at 99 % is yellow (at most 16 have 99.8 %), whatever the whole history at 95 % says."""
    tested = backtests_of(
        (0.95, "all", 5000, 255, 0.40), (0.95, "1y", 252, 12, 0.80), (0.99, "3y", 756, 17, 0.003)
    )
    text = backtests.backtest_sentence(tested)
    assert text.startswith("The worst of 3 tests is that at 99% over 3 years, in the yellow zone: 17 of 756")
    assert "8 expected" in text
    assert "come in clusters: most at 99% over 3 years (Christoffersen, p = 0.003)" in text
    fine = backtests.backtest_sentence(tested.iloc[:2])
    assert "in the green zone" in fine and "do not cluster" in fine
    red = backtests.backtest_sentence(pd.concat([tested, backtests_of((0.99, "all", 5000, 90, 0.5))]))
    assert red.startswith("The worst of 4 tests is that at 99% over all days, in the red zone: 90 of 5,000")
    assert "2 of the tests are not green." in red


def test_exceedances_and_their_chance_stand_in_the_table_of_measures():
    book, metrics, _ = world(*LONG)
    tested = backtest_table(book.returns).set_index(["level", "window"])
    row = tested.loc[(0.99, "all")]
    method = "rolling_252_var_99"
    assert look_up(metrics, "exceedances", "all", method) == row["exceedances"]
    chance = binom.cdf(row["exceedances"], row["forecasts"], 0.01)
    assert look_up(metrics, "exceedances_p", "all", method) == pytest.approx(chance)


def yields_of(origin="real"):
    days = pd.to_datetime(["2022-12-27", "2022-12-28"])
    frames = [
        pd.DataFrame({"date": days, "tenor": tenor, "rate": rates, "origin": origin})
        for tenor, rates in (("10Y", [0.038, 0.039]), ("2Y", [0.043, 0.044]))
    ]
    return pd.concat(frames, ignore_index=True)


def test_the_risk_free_rate_is_the_last_shortest_yield_and_says_when_it_is_generated():
    assert risk_free_rate(yields_of()) == RiskFree(0.044, "2Y", False)
    assert risk_free_rate(yields_of(), 0.01) == RiskFree(0.01)
    assert risk_free_rate(yields_of(), 0.0) == RiskFree(0.0)
    assert risk_free_rate(yields_of().iloc[:0]) == RiskFree(0.0)
    book = world(*LONG)[0]
    made = page.terms_sentence(book, risk_free_rate(yields_of("generated")))
    assert made.endswith("over 4.4% a year, the last yield of 2Y, which is generated, not observed.")
    assert page.terms_sentence(book, risk_free_rate(yields_of())).endswith("the last yield of 2Y.")
    assert page.terms_sentence(book, RiskFree(0.01)).endswith("over 1.0% a year.")


def test_what_all_days_compound_to_is_told_a_year_and_nowhere_as_a_whole():
    book, metrics, _ = world(*LONG)
    shown = measures.by_window(metrics, measures.FRACTIONS).set_index("measure")
    row = shown.loc["Return of the window"]
    assert np.isnan(row["all"]) and row["all_reason"] == "told a year"
    assert row["5y"] == look_up(metrics, "cumulative_return", "5y")
    assert shown.loc["Return a year", "all"] == look_up(metrics, "annual_return", "all")
    huge = book.compounding + 0.01
    made = risk_metrics(book.returns, compounding=huge, relative=relative_metrics(huge, None, **NO_BENCHMARK))
    told = [page.growth_sentence(book, made, 0.2), page.verdict(book, made, "USD")]
    told += [figure.sentence for figure in page.key_figures(book, made, "USD")]
    whole = look_up(made, "cumulative_return", "all")
    assert whole > 1e6
    assert not [text for text in told if f"{100 * whole:,.1f}%" in text]
    same = page.checks(book, made, drawdown_table(huge), totals(holdings(*LONG)), NO_PARTS)
    assert not [one.detail for one in same if f"{100 * whole:,.4f}%" in one.detail]
    yearly = f"{100 * look_up(made, 'annual_return', 'all'):,.1f}% a year"
    assert f"come to {yearly}: today's book through past markets, not a record" in told[0]


NO_BENCHMARK = {"risk_free": 0.0, "total_return": False, "symbol": None}


def test_headlines_are_of_the_last_year_and_of_five():
    book, metrics, _ = world(*LONG)
    year, five = look_up(metrics, "cumulative_return", "1y"), look_up(metrics, "annual_return", "5y")
    told = page.growth_sentence(book, metrics, 0.2)
    start = f"Over the last year {100 * year:+,.1f}%; over 5 years {100 * five:,.1f}% a year"
    assert told.replace("\u2212", "-").startswith(start)
    deepest = {name: look_up(metrics, "max_drawdown", name) for name in ("5y", "all")}
    figure = page.key_figures(book, metrics, "USD")[2]
    assert (figure.name, figure.value) == ("max_drawdown", deepest["5y"])
    assert f"{-100 * deepest['5y']:.1f}% in the last five years" in page.verdict(book, metrics, "USD")
    assert page.growth_title(metrics).startswith("Value of 1 put into today's book five years ago")


def test_with_less_than_five_years_the_headline_is_of_all_days():
    book, metrics, _ = world(*LONG, days=400)
    assert page.growth_title(metrics).startswith("Value of 1 put into today's book on the first day")
    assert page.key_figures(book, metrics, "USD")[2].value == look_up(metrics, "max_drawdown", "all")
    assert "five years" not in page.verdict(book, metrics, "USD")


def test_the_chart_of_growth_starts_at_one_on_the_day_before_its_window():
    book = world(*LONG)[0]
    against = benchmark_returns(market(), "IDX", past=book)
    paths = value_paths(book, against, names=("Book", "IDX"), days=1260)
    assert len(paths) == 1261 and paths.iloc[0].tolist() == [1.0, 1.0]
    assert paths.index[0] == book.returns.index[-1261]
    assert paths["Book"].iloc[-1] == pytest.approx((1 + book.compounding.tail(1260)).prod())
    assert paths["IDX"].iloc[-1] == pytest.approx((1 + against.tail(1260)).prod())
    whole = value_paths(book, against, names=("Book", "IDX"), days=9999)
    pd.testing.assert_frame_equal(whole, value_paths(book, against, names=("Book", "IDX")))
