"""What a portfolio file is read as: each row with its type, its tags and what was changed or left out."""

from pathlib import Path

import pandas as pd
import pytest

from lib.portfolio.csv_records import read_records
from lib.portfolio.files import read_positions
from lib.portfolio.preview import MOST, preview

TEMPLATES = Path(__file__).resolve().parents[2] / "params" / "templates" / "portfolios"
HEADER = "ticker,quantity,entry_price,entry_date,tags,strategy,price,price_date,exit_date,exit_price"


def seen(tmp_path, *lines, header=HEADER):
    path = tmp_path / "book.csv"
    path.write_text("\n".join([header, *lines]) + "\n")
    rows, issues = read_positions(path, "book.csv", "2022-12-28")
    made = preview(read_records(path, "book.csv"), rows, issues)
    return pd.DataFrame(made["rows"], columns=made["columns"]).set_index("line"), made["more"]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("AAPL,10,100,2022-01-03,,,,,,", {"type": "long", "underlying": None, "tags": None, "remarks": ""}),
        ("AAPL,-10,100,2022-01-03,,,,,,", {"type": "short", "quantity": -10.0, "entry": 100.0}),
        (
            "MSFT230616C00250500,2,5,2022-10-17,,,,,,",
            {"type": "long call", "underlying": "MSFT", "strike": 250.5, "expiry": "2023-06-16"},
        ),
        ("MSFT230616P00250000,-2,5,2022-10-17,,,,,,", {"type": "short put"}),
        ("HOUSE,1,100,2022-01-03,,,120,2022-11-30,,", {"type": "valued by hand"}),
        ("PFE,80,44,2022-09-30,,income,,,2022-12-14,52", {"type": "long, exited 2022-12-14"}),
        ("AAPL,10,100,2022-01-03,core,income,,,,", {"tags": "core,#strategy:income"}),
    ],
)
def test_a_row_is_shown_as_it_is_read(tmp_path, row, told):
    rows, more = seen(tmp_path, row)
    assert rows.loc[2, list(told)].to_dict() == told
    assert more == 0


def test_what_was_changed_and_what_was_rejected_is_told_in_its_row(tmp_path):
    rows, _ = seen(
        tmp_path, "aapl,10,100,2022-01-03,my idea,,,,,", "XOM,$5,1,2022-01-03,,,,,,", ",1,1,x,,,,,,"
    )
    assert (rows.loc[2, "ticker"], rows.loc[2, "tags"]) == ("AAPL", "my_idea")
    assert rows.loc[2, "remarks"].startswith("written “aapl”, ")
    assert rows.loc[2, "remarks"].endswith(" (tags)")
    assert rows.loc[3, ["ticker", "type", "quantity"]].tolist()[:2] == ["XOM", "rejected"]
    assert rows.loc[3, "remarks"] == "quantity is no number (quantity)"
    assert rows.loc[4, "type"] == "rejected" and rows.loc[4, "remarks"].count("(") == 2


def test_of_many_rows_those_with_a_remark_are_kept_in_the_order_of_the_file(tmp_path):
    lines = [f"S{n},10,100,2022-01-03,,,,,," for n in range(MOST + 50)]
    rows, more = seen(tmp_path, *lines, "AAPL,0,100,2022-01-03,,,,,,")
    assert (len(rows), more) == (MOST, 51)
    assert rows.index.is_monotonic_increasing
    assert rows.index[-1] == MOST + 52 and rows["type"].iloc[-1] == "rejected"


def test_a_file_without_rows_has_none(tmp_path):
    rows, more = seen(tmp_path)
    assert (len(rows), more) == (0, 0)


@pytest.mark.parametrize(
    ("name", "types"),
    [
        ("stocks", {"long", "short", "long, exited 2022-12-14"}),
        ("options", {"long call", "long put", "short call", "short put"}),
        (
            "mixed",
            {"long", "short", "long put", "short call", "valued by hand", "long, exited 2022-12-14"},
        ),
    ],
)
def test_the_templates_are_read_whole_and_without_a_remark(name, types):
    path = TEMPLATES / f"{name}.csv"
    rows, issues = read_positions(path, path.name, "2022-12-28")
    assert issues.empty
    seen = preview(read_records(path, path.name), rows, issues)
    assert {row[2] for row in seen["rows"]} == types
    assert len(list(TEMPLATES.iterdir())) == 3
