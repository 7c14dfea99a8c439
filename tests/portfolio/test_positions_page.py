"""What the page of the positions shows and says, and checks that fail of a wrong table."""

import numpy as np
import pandas as pd
import pytest
from book_worlds import AS_OF, prices, read, value, write

from lib.book import totals_of
from lib.contracts import empty
from lib.portfolio.exposures import total_exposures
from lib.portfolio.files import data_rows
from lib.portfolio.pages import positions as page
from lib.portfolio.priced_share import sized
from lib.tables import TABLES

BARS = [
    ("AAPL", "2022-12-27", 100.0),
    ("AAPL", AS_OF, 110.0),
    ("XOM", "2022-12-27", 50.0),
    ("XOM", AS_OF, 49.0),
]
LINES = [
    "AAPL,10,90,2022-01-03",
    "XOM,-20,55,2022-01-03",
    "NOPE,5,10,2022-01-03",
    "AAPL,0,90,2022-01-03",
]


def world(folder, *, cash=1_000.0):
    positions, _ = value(folder, LINES, BARS, cash=cash)
    rows, issues = read(folder, *LINES)
    return positions, rows, issues


def sizes_of(positions):
    log = pd.DataFrame({"symbol": ["NOPE"], "status": ["missing"]})
    history = empty(TABLES["snapshot_positions"])
    return sized(positions.reset_index(drop=True), prices(BARS), history, log)


def failed(folder, positions, *, cash=1_000.0):
    _, rows, issues = world(folder, cash=cash)
    count = data_rows(write(folder, *LINES), "book.csv")
    found = page.checks(positions, rows, issues, data_rows=count, cash=cash, as_of=AS_OF)
    return [one.name for one in found if not one.passed]


@pytest.mark.parametrize("cash", [1_000.0, -5_000.0])
def test_all_checks_hold_of_a_right_table(tmp_path, cash):
    assert failed(tmp_path, world(tmp_path, cash=cash)[0], cash=cash) == []


@pytest.mark.parametrize(
    ("column", "change", "name"),
    [
        ("exposure", 1.01, "Exposure is quantity x multiplier x price"),
        ("unrealized_pnl", 2.0, "Unrealised profit is exposure less cost"),
        ("weight", 1.0001, "Weights add up to net exposure over net asset value"),
        ("weight_gross", 1.0001, "Weights by gross add up to one"),
    ],
)
def test_a_wrong_column_fails_its_check(tmp_path, column, change, name):
    positions = world(tmp_path)[0]
    assert name in failed(tmp_path, positions.assign(**{column: positions[column] * change}))


def test_a_lost_flag_or_a_lost_row_fails_its_check(tmp_path):
    positions = world(tmp_path)[0]
    assert failed(tmp_path, positions.assign(flags="")) == ["What is unpriced is flagged"]
    assert "Every accepted row is a position" in failed(tmp_path, positions.iloc[:2])


def test_the_largest_stands_first_and_what_has_no_price_says_why(tmp_path):
    shown = page.largest_first(world(tmp_path)[0])
    assert shown["symbol"].tolist() == ["AAPL", "XOM", "NOPE"]
    assert shown["reason"].tolist() == ["", "", "unknown symbol"]


def test_the_parts_by_origin_add_up_to_net_asset_value(tmp_path):
    positions = world(tmp_path)[0]
    table = page.by_origin(positions, cash=1_000.0)
    assert table["exposure"].sum() == pytest.approx(1_100 - 980 + 1_000)
    assert table["share"].sum() == pytest.approx(1.0)
    assert page.by_origin(positions, cash=-5_000.0)["share"].isna().all()


def test_rejected_rows_and_missing_prices_are_told_before_any_value(tmp_path):
    positions, rows, issues = world(tmp_path)
    sizes = sizes_of(positions)
    assert page.faults(positions, rows, issues, sizes) == [
        "1 of 4 rows of the portfolio file was rejected and counts nowhere.",
        "1 position has no price and is in no total.",
        "97.7% of the exposure of the book has a price; without one: NOPE (not in the data), 2.3% by its "
        "entry price.",
    ]
    assert (
        page.faults(positions.assign(flags=""), rows, issues.iloc[:0], sizes[sizes["symbol"] != "NOPE"]) == []
    )


def test_sentences_and_figures_say_what_the_numbers_say(tmp_path):
    positions, rows, issues = world(tmp_path)
    totals, table = totals_of(total_exposures(positions, cash=1_000.0)), prices(BARS)
    assert page.rows_sentence(rows, issues).startswith("Of 4 rows, 3 counted and 1 rejected;")
    assert page.value_sentence(totals, "USD").endswith("In no total: 1 position without a price.")
    assert page.day_sentence(positions, "USD") == (
        "The last trading day brought USD\u00a0120.00; AAPL moved it most, by +100.00. "
        "Not counted: 1 position without one."
    )
    assert page.verdict(positions, table, totals, "USD", AS_OF) == (
        "On 28 Dec 2022 the book is worth USD\u00a01,120, +120.00 on the last trading day, "
        "valued on adjusted prices."
    )
    figures = page.key_figures(positions, rows, issues, totals, sizes_of(positions), "USD")
    found = {one.name: one for one in figures}
    assert found["priced_exposure"].value == pytest.approx(2_080 / 2_130)
    assert found["priced_share"].value == pytest.approx(2 / 3)
    assert (found["rejected_rows"].value, found["nav"].value) == (1, pytest.approx(1_120))
    assert np.isfinite([one.value for one in found.values()]).all()
