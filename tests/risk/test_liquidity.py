"""Days to sell at a part of average volume, and how much of the book is sold within days."""

import numpy as np
import pandas as pd
import pytest
from risk_worlds import holdings

from lib import codes
from lib.contracts import conform
from lib.risk.liquidity import average_volumes, liquidity, sold_within
from lib.risk.pages import liquidity as page
from lib.tables import TABLES

DAYS = pd.bdate_range("2022-01-03", periods=80)


def volumes(basis="raw", splits=(), **by_symbol):
    """Price table with these volumes: one number for all days, or one a day."""
    frames = [
        pd.DataFrame(
            {"date": DAYS, "symbol": symbol, "volume": given, "split": 1.0, "price_basis": basis}
        ).astype({"volume": "float64"})
        for symbol, given in by_symbol.items()
    ]
    table = pd.concat(frames, ignore_index=True)
    for symbol, place, ratio in splits:
        table.loc[(table["symbol"] == symbol) & (table["date"] == DAYS[place]), "split"] = ratio
    return table


def book(*rows):
    """Holdings from (symbol, kind, exposure, quantity)."""
    made = holdings(*(row[:3] for row in rows))
    return made.assign(quantity=[float(row[3]) for row in rows])


def measured(positions, prices, **terms):
    table = liquidity(positions, prices, **terms)
    return conform(table, TABLES["liquidity"]).set_index("position_id")


def test_days_to_sell_are_units_over_a_tenth_of_the_lower_average_volume():
    given = np.where(np.arange(80) < 59, 4_000.0, 1_000.0)
    table = measured(book(("AAA", "stock", 100.0, 500)), volumes(AAA=given))
    row = table.loc["AAA-0"]
    assert row["volume_21"] == 1_000.0
    assert row["volume_63"] == pytest.approx((42 * 4_000 + 21 * 1_000) / 63)
    assert row["days_to_sell"] == pytest.approx(500 / 100)
    assert row[["sold_1", "sold_5", "sold_20"]].tolist() == pytest.approx([0.2, 1.0, 1.0])
    half = measured(book(("AAA", "stock", 100.0, 500)), volumes(AAA=given), participation=0.5)
    assert half.loc["AAA-0", "days_to_sell"] == pytest.approx(1.0)


def test_shorts_are_bought_back_and_lots_of_one_symbol_go_together_net():
    rows = (("AAA", "stock", 60.0, 600), ("AAA", "stock", 40.0, 400), ("BBB", "stock", -50.0, -500))
    table = measured(book(*rows), volumes(AAA=1_000.0, BBB=1_000.0))
    assert table["days_to_sell"].tolist() == pytest.approx([10.0, 10.0, 5.0])
    netted = measured(book(("AAA", "stock", 60.0, 600), ("AAA", "stock", -60.0, -600)), volumes(AAA=1_000.0))
    assert netted["days_to_sell"].tolist() == [0.0, 0.0] and (netted["sold_1"] == 1.0).all()


def test_an_option_is_sold_by_the_contracts_of_its_own_symbol():
    table = measured(book(("CALL", "option", 900.0, 30)), volumes(CALL=100.0, AAA=9e9))
    assert table.loc["CALL-0", "days_to_sell"] == pytest.approx(3.0)


def test_volume_before_a_split_counts_in_todays_shares_where_prices_are_raw():
    given = np.where(np.arange(80) < 70, 100.0, 1_000.0)
    split = [("AAA", 70, 10.0)]
    raw = average_volumes(volumes(splits=split, AAA=given), pd.Series(["AAA"]))
    assert raw.loc["AAA"].tolist() == pytest.approx([1_000.0, 1_000.0])
    adjusted = average_volumes(volumes("adjusted", split, AAA=given), pd.Series(["AAA"]))
    assert adjusted.loc["AAA", 21] == pytest.approx((11 * 100 + 10 * 1_000) / 21)


def test_volume_that_is_not_known_is_no_volume_and_is_never_filled():
    few = np.where(np.arange(80) < 70, np.nan, 1_000.0)
    most = np.where(np.arange(80) % 3 == 0, np.nan, 1_000.0)
    rows = (("FEW", "stock", 10.0, 10), ("MOST", "stock", 10.0, 100), ("NONE", "stock", 10.0, 10))
    rows += (("HOUSE", "manual", 10.0, 1), ("IDLE", "stock", 10.0, 10))
    table = measured(book(*rows), volumes(FEW=few, MOST=most, IDLE=0.0))
    assert table["reason"].tolist() == ["volume_unknown", "", "volume_unknown", "manual", "not_traded"]
    assert table["days_to_sell"].isna().tolist() == [True, False, True, True, True]
    assert table.loc["MOST-1", "days_to_sell"] == pytest.approx(1.0)
    assert all(reason in codes.CODES for reason in table["reason"] if reason)


def test_how_much_of_the_book_is_sold_is_by_gross_exposure_with_what_is_not_known_apart():
    rows = (("AAA", "stock", 300.0, 1_000), ("BBB", "stock", -100.0, -100), ("NONE", "stock", 100.0, 1))
    positions = book(*rows)
    table = liquidity(positions, volumes(AAA=1_000.0, BBB=1_000.0))
    within = sold_within(table, positions.set_index("position_id")["exposure"]).set_index("days")
    assert within["sold"].tolist() == pytest.approx([(30 + 100) / 500, (150 + 100) / 500, 400 / 500])
    assert within["not_known"].tolist() == pytest.approx([0.2] * 3)
    assert within["left"].tolist() == pytest.approx([270 / 500, 150 / 500, 0.0])
    assert all(check.passed for check in page.checks(table, within.reset_index()))


def test_the_page_names_what_is_slowest_and_what_is_not_known():
    rows = (("AAA", "stock", 300.0, 1_000), ("BBB", "stock", -100.0, -100), ("NONE", "stock", 100.0, 1))
    positions = book(*rows)
    table = liquidity(positions, volumes(AAA=1_000.0, BBB=1_000.0))
    within = sold_within(table, positions.set_index("position_id")["exposure"])
    told = page.sentence(table, within, positions, participation=0.1)
    assert told == (
        "At 10% of average volume, of gross exposure is sold 26.0% in 1 day, 50.0% in 5 days and 80.0% in 20 "
        "days. AAA takes longest, 10.0 days. No volume is known of NONE, 20.0% of gross exposure."
    )
    known = page.by_position(table, positions)
    assert known["position"].tolist() == ["AAA", "BBB"]
    assert page.positions_sentence(known).endswith("Of 2 positions 1 takes more than a day.")


def test_where_no_volume_is_known_nothing_is_sold_or_left_and_one_row_says_so():
    positions = book(("AAA", "stock", 300.0, 1_000))
    table = liquidity(positions, volumes(AAA=np.nan))
    within = sold_within(table, positions.set_index("position_id")["exposure"])
    assert within[["sold", "left"]].isna().all(axis=None) and (within["not_known"] == 1.0).all()
    assert page.parts(within)["within"].tolist() == ["Any number of days"]
    told = page.sentence(table, within, positions, participation=0.1)
    assert "is not known" in told and "any of the 1 position, 100.0% of gross exposure" in told
    assert all(check.passed for check in page.checks(table, within))


@pytest.mark.parametrize("rows", [(), (("GONE", "stock", np.nan, 5),), (("IDLE", "stock", 10.0, 10),)])
def test_an_empty_book_one_without_prices_and_one_that_does_not_trade_have_their_page(rows):
    positions = book(*rows) if rows else holdings()
    table = liquidity(positions, volumes(IDLE=0.0))
    within = sold_within(table, positions.set_index("position_id")["exposure"])
    told = page.sentence(table, within, positions, participation=0.1)
    assert told.endswith(".") and "nan" not in told
    assert all(check.passed for check in page.checks(table, within))
    assert set(page.parts(within)) >= {column.name for column in page.PARTS}
