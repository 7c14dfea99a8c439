"""Checks of signal data: each fault is named, and only the rows that it is about are set aside."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from lib import codes
from lib.contracts import conform, empty
from lib.errors import InputError, QualityError
from lib.signals import cleaning, data_coverage, raw
from lib.signals.pages import data as page
from lib.tables import TABLES
from tests.signals.worlds import SOURCE, world

LATE = "2013-12-31"
FIRM = "firm-003"


@cache
def base():
    own = world(firms=8, days=260, failures=1)
    tables = {name: empty(TABLES[name]) for name in raw.ORDER}
    for name in ("signal_entities", "signal_memberships", "signal_returns", "signal_delistings"):
        tables[f"raw_{name}"] = own.tables[name]
    for name in ("signal_benchmarks", "factor_sets"):
        tables[f"raw_{name}"] = own.tables[name]
    values = own.tables["signal_values"].drop(columns=["session", "symbol"])
    tables[raw.VALUES] = values.assign(signal="score", predicts_from=pd.NaT)
    return {_clean(name): conform(frame, TABLES[name]) for name, frame in tables.items()}


def _clean(name):
    return "given_signal_values" if name == raw.VALUES else name.removeprefix("raw_")


def checked(as_of=LATE, **changed):
    return cleaning.check({**base(), **changed}, cleaning.Limits(), as_of=as_of)


def changed(table, column, value, rows=1):
    """A table with a few cells of one firm replaced."""
    frame = base()[table].copy()
    at = frame.index[frame["entity"] == FIRM][10 : 10 + rows]
    frame.loc[at, column] = value
    return frame, at


def found(result, code):
    rows = result.issues[result.issues["check"] == code]
    assert len(rows) == 1, result.issues
    return rows.iloc[0]


def test_sound_tables_pass_whole_and_without_an_error():
    result = checked()
    assert all(result.set_aside(name) == 0 for name in result.tables)
    assert not result.issues["severity"].eq("error").any()


@pytest.mark.parametrize(
    ("table", "column", "value", "code"),
    [
        ("signal_returns", "return", np.nan, "NOT_FINITE"),
        ("signal_returns", "return", np.inf, "NOT_FINITE"),
        ("signal_returns", "return", -1.5, "BELOW_TOTAL_LOSS"),
        ("signal_returns", "entity", "stranger", "ENTITY_UNKNOWN"),
        ("signal_returns", "date", pd.Timestamp("2020-01-02"), "KNOWN_LATER"),
        ("given_signal_values", "value", np.nan, "NOT_FINITE"),
        ("given_signal_values", "entity", "stranger", "ENTITY_UNKNOWN"),
        ("given_signal_values", "known_at", pd.Timestamp("2014-01-01", tz="UTC"), "KNOWN_LATER"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_and_it_alone_is_set_aside(table, column, value, code):
    frame, at = changed(table, column, value)
    result = checked(**{table: frame})
    row = found(result, code)
    assert row["action"] == "dropped" and row["table"] == table and row["severity"] == "error"
    expected = base()[table].drop(at).reset_index(drop=True)
    pd.testing.assert_frame_equal(result.tables[table], conform(expected, TABLES[table]))


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [("market_cap", -5.0, "NEGATIVE_SIZE"), ("traded_value", np.inf, "NOT_FINITE")],
)
def test_a_size_that_cannot_be_is_unknown_and_the_return_stays(column, value, code):
    frame, at = changed("signal_returns", column, value)
    result = checked(signal_returns=frame)
    assert found(result, code)["action"] == "corrected"
    assert result.set_aside("signal_returns") == 0
    assert np.isnan(result.tables["signal_returns"].loc[at, column]).all()


def test_of_two_rows_alike_one_stays_and_of_two_that_differ_none():
    rows = base()["signal_returns"]
    one = rows[rows["entity"] == FIRM]
    alike, other = one.iloc[[5]].assign(source="again"), one.iloc[[7]].assign(**{"return": 0.5})
    result = checked(signal_returns=pd.concat([rows, alike, other], ignore_index=True))
    assert found(result, "ROW_TWICE")["severity"] == "info"
    assert found(result, "KEY_CONFLICT")["entity"] == FIRM
    left = result.tables["signal_returns"]
    days = left.loc[left["entity"] == FIRM, "date"]
    assert days.eq(one["date"].iloc[5]).sum() == 1 and not days.eq(one["date"].iloc[7]).any()
    assert len(left) == len(rows) - 1 and result.set_aside("signal_returns") == 3


@pytest.mark.parametrize("shuffle", [1, 2])
def test_the_order_of_rows_does_not_matter(shuffle):
    rows = base()["signal_returns"]
    twice = pd.concat([rows, rows.iloc[[3, 4]].assign(**{"return": [0.1, 0.2]})], ignore_index=True)
    mixed = twice.sample(frac=1, random_state=shuffle).reset_index(drop=True)
    one, other = (checked(signal_returns=frame).tables["signal_returns"] for frame in (twice, mixed))
    order = ["entity", "date"]
    pd.testing.assert_frame_equal(
        one.sort_values(order, ignore_index=True), other.sort_values(order, ignore_index=True)
    )


def test_of_a_row_that_was_restated_later_the_one_known_first_stands():
    rows = base()["signal_entities"]
    later = rows.iloc[[2]].assign(name="New name", known_at=rows["known_at"].iloc[2] + pd.Timedelta(days=9))
    result = checked(signal_entities=pd.concat([later, rows], ignore_index=True))
    assert found(result, "ROW_CONFLICT")["action"] == "dropped"
    assert "New name" not in set(result.tables["signal_entities"]["name"])


def test_a_return_after_the_firm_had_left_is_set_aside():
    rows, gone = base()["signal_returns"], base()["signal_delistings"].iloc[0]
    late = rows.iloc[[0]].assign(entity=gone["entity"], date=gone["date"])
    result = checked(signal_returns=pd.concat([rows, late], ignore_index=True))
    assert found(result, "RETURN_AFTER_END")["entity"] == gone["entity"]
    assert len(result.tables["signal_returns"]) == len(rows)


def test_large_returns_and_prices_that_stand_still_are_kept_and_named():
    frame, _ = changed("signal_returns", "return", 0.8)
    assert found(checked(signal_returns=frame), "RETURN_LARGE")["action"] == "kept"
    still, _ = changed("signal_returns", "return", 0.0, rows=11)
    assert found(checked(signal_returns=still), "RETURN_STILL")["entity"] == FIRM
    short, _ = changed("signal_returns", "return", 0.0, rows=10)
    assert not checked(signal_returns=short).issues["check"].eq("RETURN_STILL").any()


def test_a_member_without_any_return_is_named():
    rows = base()["signal_returns"]
    result = checked(signal_returns=rows[rows["entity"] != FIRM].reset_index(drop=True))
    assert found(result, "RETURNS_ABSENT")["entity"] == FIRM


@pytest.mark.parametrize("factor", ["Mkt-RF", "RF", "HML"])
def test_percent_where_decimals_are_meant_stops_and_is_named(factor):
    rows = base()["factor_sets"]
    wrong = rows.assign(**{"return": rows["return"].where(rows["factor"] != factor, rows["return"] * 100)})
    with pytest.raises(InputError, match=rf"world {factor}, daily: half of.*percent.*divide by 100"):
        checked(factor_sets=wrong)


@pytest.mark.parametrize(
    ("frequency", "spread"), [("daily", 0.01), ("monthly", 0.045), ("quarterly", 0.08), ("annual", 0.18)]
)
def test_decimals_of_every_frequency_pass_and_percent_of_every_frequency_does_not(frequency, spread):
    moves = np.random.default_rng(5).normal(0, spread, 300)
    rows = pd.DataFrame(
        {
            "factor_set": "mine",
            "factor": "Mkt-RF",
            "frequency": frequency,
            "date": pd.date_range("1990-01-01", periods=300),
            "return": moves,
        }
    ).assign(**SOURCE)
    cleaning.refuse_percent(rows, "factor_set", "factor")
    with pytest.raises(InputError, match=f"mine Mkt-RF, {frequency}"):
        cleaning.refuse_percent(rows.assign(**{"return": moves * 100}), "factor_set", "factor")


def test_a_portfolio_in_percent_is_named_too():
    rows = pd.DataFrame(
        {
            "portfolio_set": "mine",
            "portfolio": "Small",
            "frequency": "monthly",
            "date": pd.date_range("1990-01-31", periods=24, freq="ME"),
            "return": np.linspace(-8.0, 9.0, 24),
            "excess": False,
        }
    ).assign(**SOURCE)
    with pytest.raises(InputError, match="portfolio_set: mine Small, monthly"):
        checked(test_portfolios=conform(rows, TABLES["raw_test_portfolios"]))


def test_every_check_has_words():
    named = {code.name for code in codes.CODES.values()}
    frame, _ = changed("signal_returns", "return", -3.0)
    assert set(checked(signal_returns=frame).issues["check"]) <= named


def test_the_first_sentences_of_the_page_say_what_is_wrong():
    frame, _ = changed("signal_returns", "return", -3.0)
    result = checked(signal_returns=frame)
    log = pd.DataFrame(
        [("raw_designs", "missing", 0.0, 0.0, pd.NaT, "no file")],
        columns=["item", "status", "rows", "skipped", "last_date", "detail"],
    )
    universes = data_coverage.universes(result.tables, LATE, 7)
    told = page.faults(result, universes, log)
    assert told[0] == "The source did not give all: raw_designs (no file)."
    assert told[1].startswith("Generated, not observed: world")
    assert any(text.startswith("Old or no returns: world") for text in told)
    assert told[-1] == "1 row set aside: 1 of signal_returns."
    assert all(one.passed for one in page.checks(result, LATE))


def test_the_coverage_of_a_list_counts_firms_members_and_ends():
    result = checked()
    row = data_coverage.universes(result.tables, LATE, 7).iloc[0]
    assert (row["firms"], row["members"], row["ended"], row["unknown_end"]) == (8, 8, 1, 0)
    assert row["sized"] == 1.0 and row["origin"] == "generated" and not row["fresh"]
    firms = data_coverage.firms_by_month(result.tables)
    assert firms["world"].iloc[0] == 8 and firms["world"].iloc[-1] == 7


def test_means_and_volatilities_of_factors_are_those_of_a_year():
    moves = base()["factor_sets"]
    market = moves.loc[moves["factor"] == "Mkt-RF", "return"]
    table = data_coverage.collections(checked().tables).set_index("series")
    assert table.loc["Mkt-RF", "mean"] == pytest.approx(market.mean() * 252)
    assert table.loc["Mkt-RF", "volatility"] == pytest.approx(np.std(market, ddof=1) * 252**0.5)
    assert table.loc["Mkt-RF", "periods"] == 260


def test_a_source_of_a_list_and_returns_alone_is_enough():
    nothing = {
        name: frame.iloc[:0]
        for name, frame in base().items()
        if name not in ("signal_entities", "signal_memberships", "signal_returns")
    }
    result = checked(**nothing)
    universes = data_coverage.universes(result.tables, LATE, 7)
    assert universes["ended"].item() == 0 and universes["firms"].item() == 8
    assert data_coverage.collections(result.tables).empty
    assert "no alpha" in page.collections_sentence(data_coverage.collections(result.tables))
    assert page.experiments_sentence(data_coverage.experiments(result.tables)).startswith("0 lists")
    assert "each must come from a file" in page.signals_sentence(data_coverage.given_signals(result.tables))
    assert all(one.passed for one in page.checks(result, LATE))


def test_a_source_without_any_return_is_refused_with_what_it_said():
    result = checked(signal_returns=base()["signal_returns"].iloc[:0])
    log = pd.DataFrame({"item": ["raw_signal_returns"], "status": ["missing"], "detail": ["no file"]})
    with pytest.raises(QualityError, match=r"No firm has a return.*raw_signal_returns: no file"):
        data_coverage.require_some(result.tables, log)
    data_coverage.require_some(checked().tables, log)
