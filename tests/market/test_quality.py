"""Bars with planted faults; every rule must find its own and leave the rest alone."""

import numpy as np
import pandas as pd
import pytest

from lib.contracts import conform, empty
from lib.errors import DataError
from lib.market import calendar, quality, summary
from lib.market.checks import identities
from lib.tables import TABLES

AS_OF = "2022-12-28"
DAYS = calendar.sessions("2022-11-01", AS_OF)


def bars(symbol="AAA", closes=None, **columns):
    closes = 100 + np.arange(len(DAYS)) * 0.1 if closes is None else closes
    frame = pd.DataFrame(
        {"date": DAYS[-len(closes) :], "symbol": symbol, "close": np.asarray(closes, dtype=float)}
    )
    frame = frame.assign(adj_close=frame["close"], price_basis="raw", source="test", origin="real")
    frame = frame.reindex(columns=TABLES["raw_prices"].column_names).astype(
        empty(TABLES["raw_prices"]).dtypes
    )
    for name, value in columns.items():
        frame[name] = value
    return frame


def check(*frames, **options):
    raw = conform(pd.concat(frames, ignore_index=True), TABLES["raw_prices"])
    settings = {"as_of": AS_OF, "jump_limit": 0.2, "stale_repeats": 5} | options
    good, issues = quality.check_bars(raw, **settings)
    conform(good, TABLES["prices"])
    conform(issues, TABLES["data_issues"])
    aside = issues["action"].isin(["quarantined", "dropped"]).sum()
    assert len(raw) == len(good) + aside
    return good, issues


def found(issues):
    return [(row.check, row.symbol, row.action) for row in issues.itertuples()]


def test_sound_bars_pass_untouched():
    good, issues = check(bars("AAA"), bars("BBB"))
    assert len(issues) == 0
    assert len(good) == 2 * len(DAYS)


@pytest.mark.parametrize("column", ["close", "adj_close"])
@pytest.mark.parametrize("value", [0.0, -5.0, np.nan, np.inf])
def test_an_impossible_price_is_set_aside(column, value):
    frame = bars()
    frame.loc[3, column] = value
    good, issues = check(frame, bars("BBB"))
    assert found(issues) == [("BAD_PRICE", "AAA", "quarantined")]
    assert issues["date"].item() == DAYS[3]
    assert DAYS[3] not in set(good.loc[good["symbol"] == "AAA", "date"])
    assert DAYS[3] in set(good.loc[good["symbol"] == "BBB", "date"])


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("high", 99.0, "BAD_RANGE"),
        ("low", 101.0, "BAD_RANGE"),
        ("open", 111.0, "BAD_RANGE"),
        ("open", 89.0, "BAD_RANGE"),
        ("low", -1.0, "BAD_PRICE"),
        ("volume", -1.0, "BAD_VOLUME"),
        ("volume", np.inf, "BAD_VOLUME"),
    ],
)
def test_a_bar_that_contradicts_itself_is_set_aside(column, value, code):
    closes = np.full(len(DAYS), 100.0) + np.tile([0, 0.1], len(DAYS))[: len(DAYS)]
    frame = bars(closes=closes, open=100.0, high=110.0, low=90.0, volume=1e6)
    assert len(check(frame)[1]) == 0
    frame.loc[4, column] = value
    assert found(check(frame)[1]) == [(code, "AAA", "quarantined")]


def test_what_is_not_quoted_is_no_fault():
    assert len(check(bars(high=500.0))[1]) == 0


def test_weekends_and_holidays_are_set_aside():
    extra = bars(closes=[100.0, 100.1, 100.2])
    extra["date"] = pd.to_datetime(["2022-12-24", "2022-12-26", "2022-11-24"])
    good, issues = check(bars(), extra)
    assert found(issues) == [("NOT_TRADING_DAY", "AAA", "quarantined")] * 3
    assert len(good) == len(DAYS)


def test_of_identical_rows_one_is_kept():
    frame = bars()
    good, issues = check(frame, frame.iloc[[5]], frame.iloc[[5]])
    assert found(issues) == [("DUP_KEY", "AAA", "dropped")] * 2
    pd.testing.assert_frame_equal(good, frame)


def test_a_large_move_is_kept_and_named_once():
    closes = np.where(np.arange(len(DAYS)) < 20, 100.0, 70.0) + np.arange(len(DAYS)) * 0.01
    good, issues = check(bars(closes=closes))
    assert found(issues) == [("PRICE_JUMP", "AAA", "kept")]
    assert issues["date"].item() == DAYS[20]
    assert issues["detail"].item() == "\u221229.9% in a day"
    assert len(good) == len(DAYS)
    assert len(check(bars(closes=closes), jump_limit=0.4)[1]) == 0


def test_a_split_that_is_known_is_no_jump():
    closes = np.where(np.arange(len(DAYS)) < 20, 100.0, 50.0) + np.arange(len(DAYS)) * 0.01
    adjusted = np.where(np.arange(len(DAYS)) < 20, closes / 2, closes)
    assert found(check(bars(closes=closes))[1]) == [("PRICE_JUMP", "AAA", "kept")]
    assert len(check(bars(closes=closes, adj_close=adjusted))[1]) == 0


def test_the_first_bar_of_a_symbol_is_not_compared_with_another_symbol():
    assert len(check(bars("AAA"), bars("BBB", closes=np.arange(len(DAYS)) + 900.0))[1]) == 0


@pytest.mark.parametrize("factor", [10.0, 0.1])
def test_a_slip_of_the_decimal_point_is_set_aside(factor):
    frame = bars()
    frame.loc[7, ["close", "adj_close"]] *= factor
    good, issues = check(frame)
    assert found(issues) == [("PRICE_SPIKE", "AAA", "quarantined")]
    assert len(good) == len(DAYS) - 1


def test_an_extreme_move_that_stays_is_kept():
    closes = np.where(np.arange(len(DAYS)) < 20, 100.0, 20.0) + np.arange(len(DAYS)) * 0.01
    assert found(check(bars(closes=closes))[1]) == [("PRICE_JUMP", "AAA", "kept")]


def test_options_may_jump():
    closes = np.where(np.arange(len(DAYS)) % 2, 1.0, 3.0)
    assert len(check(bars("AAA230616C00100000", closes=closes))[1]) == 0


@pytest.mark.parametrize(("repeats", "named"), [(4, False), (5, True), (9, True)])
def test_the_same_close_many_times_is_named_once(repeats, named):
    closes = 100 + np.arange(len(DAYS)) * 0.1
    closes[10 : 10 + repeats] = closes[10]
    issues = check(bars(closes=closes))[1]
    assert found(issues) == ([("STALE_REPEAT", "AAA", "kept")] if named else [])
    if named:
        assert issues["detail"].item() == f"{repeats} equal closes since {DAYS[10]:%Y-%m-%d}"


@pytest.mark.parametrize(("dropped", "severity"), [(0, None), (1, "warning"), (4, "warning"), (6, "error")])
def test_a_series_that_ends_early_is_named(dropped, severity):
    issues = check(bars().iloc[: len(DAYS) - dropped])[1]
    assert issues["severity"].tolist() == ([severity] if severity else [])
    assert set(issues["check"]) <= {"STALE_LAST"}


def test_a_weekend_as_of_asks_for_the_friday_before():
    assert len(check(bars().query("date <= '2022-12-23'"), as_of="2022-12-26")[1]) == 0


def test_an_expired_option_is_due_until_its_expiry_only():
    option = bars("AAA221216C00100000").query("date <= '2022-12-16'")
    assert len(check(option)[1]) == 0
    assert found(check(option.query("date <= '2022-12-15'"))[1]) == [
        ("STALE_LAST", "AAA221216C00100000", "kept")
    ]


def sync_log(**status):
    rows = [(symbol, one, 0, None if one == "ok" else "not in prices.csv") for symbol, one in status.items()]
    log = pd.DataFrame(rows, columns=["symbol", "status", "rows", "detail"])
    return log.assign(first_date=pd.NaT, last_date=pd.NaT)


def test_a_missing_symbol_is_an_issue_and_stops_the_run_below_the_least_coverage():
    log = sync_log(AAA="ok", BBB="missing")
    issues = quality.missing_symbols(log)
    conform(issues, TABLES["data_issues"])
    assert found(issues) == [("MISSING_SYMBOL", "BBB", "missing")]
    coverage = quality.coverage(log, bars("AAA"), AS_OF)
    assert coverage["fresh"].tolist() == [True, False]
    summary.require_coverage(coverage, min_coverage=0.5, as_of=AS_OF)
    with pytest.raises(DataError, match=r"1 of 2 symbols have .* not so BBB\. That is 50\.0%, .* 51\.0%"):
        summary.require_coverage(coverage, min_coverage=0.51, as_of=AS_OF)


def test_a_price_of_eight_days_before_is_not_fresh():
    log = sync_log(AAA="ok")
    old = bars("AAA").query("date <= '2022-12-21'")
    assert quality.coverage(log, old, "2022-12-28")["fresh"].tolist() == [True]
    assert quality.coverage(log, old, "2022-12-29")["fresh"].tolist() == [False]


def test_no_bars_at_all_is_a_low_coverage_and_not_a_crash():
    good, issues = check(bars().iloc[:0])
    assert len(good) == len(issues) == 0
    with pytest.raises(DataError):
        summary.require_coverage(
            quality.coverage(sync_log(AAA="missing"), good, AS_OF), min_coverage=0.8, as_of=AS_OF
        )


def test_counts_name_the_gravest_first_with_the_newest_example():
    frame = bars()
    frame.loc[[3, 9], "close"] = -1.0
    _, issues = check(frame, frame.iloc[[5]])
    table = summary.issue_counts(issues)
    assert table["check"].tolist() == ["BAD_PRICE", "DUP_KEY"]
    assert table["issues"].tolist() == [2, 1]
    assert table["example"].iloc[0] == "AAA on 14 Nov 2022: close \u22121 adj_close 100.9"
    assert summary.issue_reading(issues, len(frame) + 1) == (
        f"Of {len(frame) + 1} bars 3 were set aside, and 0 remarks concern bars that are kept."
    )


def test_identities_fail_when_they_do_not_hold():
    raw = bars()
    good, issues = check(raw)
    coverage = quality.coverage(sync_log(AAA="ok"), good, AS_OF)

    def failing(received, kept, found_, covered, as_of=AS_OF):
        return [name for name, passed, _ in identities(received, kept, found_, covered, as_of) if not passed]

    assert failing(raw, good, issues, coverage) == []
    assert failing(raw, good.iloc[1:], issues, coverage) == ["Every bar received is kept or accounted for"]
    doubled = pd.concat([good, good.iloc[[0]]])
    assert "One bar a symbol and day" in failing(raw, doubled, issues, coverage)
    assert failing(raw, good, issues, coverage, "2022-12-01") == ["No bar after the as-of date"]
    assert failing(raw, good.assign(close=-1.0), issues, coverage) == [
        "Every price kept is positive and finite"
    ]
    wrong = good.assign(price_basis="adjusted", adj_close=1.0)
    assert failing(raw, wrong, issues, coverage) == ["On the adjusted basis close equals adjusted close"]
    nothing = quality.coverage(sync_log(BBB="missing"), good, AS_OF)
    assert failing(raw, good, issues, nothing) == ["Every symbol without bars is named among the findings"]
