"""Faults of a portfolio file as a whole are refused; what is not a fault is read."""

import pandas as pd
import pytest
from book_worlds import AS_OF, HEADER, codes, read, write

from lib.errors import InputError
from lib.portfolio import csv_records, files

ROW = "AAPL,10,100,2022-01-03"


def refusal(folder, content):
    path = folder / "book.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError) as caught:
        files.read_positions(path, "portfolios/book.csv", AS_OF)
    assert str(caught.value).startswith("portfolios/book.csv")
    assert str(folder) not in str(caught.value)
    return caught.value


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"portfolios/none\.csv: no such file"):
        files.read_positions(tmp_path / "none.csv", "portfolios/none.csv", AS_OF)


def test_an_empty_file_is_refused(tmp_path):
    assert "EMPTY_FILE" in str(refusal(tmp_path, ""))
    assert "EMPTY_FILE" in str(refusal(tmp_path, " \n\n"))


def test_a_blank_first_line_is_refused(tmp_path):
    assert refusal(tmp_path, f"\n{HEADER}\n{ROW}\n").line == 1


def test_missing_columns_are_named(tmp_path):
    fault = refusal(tmp_path, "ticker,quantity\nAAPL,10\n")
    assert "MISSING_COLUMN" in str(fault)
    assert "entry_price, entry_date" in str(fault)
    assert (fault.line, fault.field) == (1, "entry_price")


@pytest.mark.parametrize(
    "header",
    [
        "ticker,symbol,quantity,entry_price,entry_date",
        "ticker,quantity,Quantity,entry_price,entry_date",
        f"{HEADER},note,note",
    ],
)
def test_a_column_named_twice_is_refused(tmp_path, header):
    assert "DUPLICATE_HEADER" in str(refusal(tmp_path, header + "\n" + ROW + "\n"))


def test_what_is_not_utf_8_is_refused_with_its_line(tmp_path):
    fault = refusal(tmp_path, f"{HEADER}\n{ROW}\nSOCI".encode() + b"\xe9" + b"T,1,1,2022-01-03\n")
    assert "BAD_ENCODING" in str(fault)
    assert "0xe9" in str(fault)
    assert fault.line == 3
    assert "BAD_ENCODING" in str(refusal(tmp_path, f"{HEADER}\n{ROW}\n".encode("utf-16")))


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path):
    path = tmp_path / "book.csv"
    path.write_bytes(b"\xef\xbb\xbf" + f"{HEADER}\r\n{ROW}\r\nMSFT,0,1,2022-01-03\r\n".encode())
    rows, issues = files.read_positions(path, "book.csv", AS_OF)
    assert list(rows["symbol"]) == ["AAPL"]
    assert codes(issues) == [(3, "QTY_ZERO")]


def test_a_file_above_ten_megabytes_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_records, "MAX_BYTES", 100)
    assert "FILE_TOO_LARGE" in str(refusal(tmp_path, f"{HEADER}\n" + f"{ROW}\n" * 9))


def test_ten_thousand_rows_are_read_and_one_more_is_refused(tmp_path):
    lines = "".join(f"AAPL,{number},100,2022-01-03\n" for number in range(1, 10_001))
    path = tmp_path / "book.csv"
    path.write_text(f"{HEADER}\n{lines}\n\n", encoding="utf-8")
    assert len(files.read_positions(path, "book.csv", AS_OF)[0]) == 10_000
    fault = refusal(tmp_path, f"{HEADER}\n{lines}{ROW}\n")
    assert "10,001 data rows (TOO_MANY_ROWS)" in str(fault)


def test_broken_quoting_is_refused_with_its_line(tmp_path):
    fault = refusal(tmp_path, f'{HEADER},tags\n{ROW},tech\nMSFT,1,1,2022-01-03,"tech\n')
    assert "BAD_QUOTING" in str(fault)
    assert fault.line >= 3


def test_a_row_of_a_million_commas_is_rejected_and_does_not_hang(tmp_path):
    _, issues = read(tmp_path, ROW, "," * 1_000_000)
    assert codes(issues) == [(3, "UNEXPECTED_FIELDS")]


def test_millions_of_blank_lines_at_the_end_are_no_data_and_within_are_refused(tmp_path):
    rows, issues = read(tmp_path, ROW, "\n \t\r\n" * 1_000_000)
    assert (len(rows), codes(issues)) == (1, [])
    fault = refusal(tmp_path, f"{HEADER}\n" + "\n" * 200_000 + ROW)
    assert "more than 100,000 lines (TOO_MANY_ROWS); remove the blank lines" in str(fault)


def test_a_file_whose_every_row_is_rejected_is_refused_with_the_faults(tmp_path):
    fault = refusal(tmp_path, f"{HEADER}\nAAPL,0,1,2022-01-03\nMSFT,0,$1,2022-01-03\n")
    assert "QTY_ZERO 2" in str(fault)
    assert "PRICE_NOT_NUMBER 1" in str(fault)
    assert (fault.each[0].line, fault.each[0].mend) == (None, "begin with line 2")
    assert {(one.line, one.field) for one in fault.each[1:]} == {
        (2, "quantity"),
        (3, "quantity"),
        (3, "entry_price"),
    }


def test_nothing_of_a_file_that_is_no_portfolio_is_told(tmp_path):
    told = str(refusal(tmp_path, "root:x:0:0:root:/root:/bin/bash,secret\nbin:x:2,secret\n"))
    assert "no column ticker, quantity, entry_price, entry_date (MISSING_COLUMN)" in told
    assert "root" not in told
    assert "secret" not in told


def test_a_header_alone_is_an_empty_book(tmp_path):
    rows, issues = read(tmp_path)
    assert len(rows) == 0
    assert codes(issues) == [(0, "NO_ROWS")]


def test_names_of_columns_ignore_case_and_have_aliases(tmp_path):
    rows, issues = read(
        tmp_path, "AAPL,10,100,2022-01-03,income,7", header="Symbol,QTY,Price,Trade Date,Strategy,PnL"
    )
    one = rows.iloc[0]
    assert (one["symbol"], one["quantity"], one["entry_price"]) == ("AAPL", 10, 100)
    assert one["tags"] == "#strategy:income"
    assert codes(issues) == [(1, "IGNORED_COLUMN")]
    assert issues["severity"].tolist() == ["info"]


def test_validate_names_the_symbols_underlyings_and_benchmark(tmp_path):
    path = write(
        tmp_path,
        "MSFT230616C00250000,1,5,2022-10-17,,",
        "AAPL,10,100,2022-01-03,,",
        "HOUSE,1,100,2022-01-03,120,2022-11-30",
        "XOM,0,1,2022-01-03,,",
        header=f"{HEADER},price,price_date",
    )
    request = {
        "as_of": AS_OF,
        "portfolio": {"id": "one", "benchmark": "SP500"},
        "files": {"positions_file": {"path": str(path), "name": "portfolios/book.csv"}},
        "histories": {"snapshot_positions": None},
    }
    told = files.validate(request)
    types = [row[2] for row in told.pop("preview")["rows"]]
    assert types == ["long call", "long", "valued by hand", "rejected"]
    assert told == {
        "symbols": ["AAPL", "MSFT", "MSFT230616C00250000", "SP500"],
        "rows": 4,
        "accepted": 3,
        "rejected": 1,
        "notes": [
            {
                "found": "The quantity is zero; delete the row or write the quantity, negative when short. "
                "(QTY_ZERO)",
                "mend": "",
                "file": "portfolios/book.csv",
                "line": 5,
                "field": "quantity",
            }
        ],
    }


def test_validate_asks_for_what_was_held_at_the_last_snapshot_and_left_the_file(tmp_path):
    """Not for what is held still, was gone by then, or is valued by hand."""
    held = pd.DataFrame(
        [
            ("2022-12-26", "OLD", "held", ""),
            ("2022-12-27", "AAPL", "held", ""),
            ("2022-12-27", "KO", "new", "LATE_ENTRY"),
            ("2022-12-27", "MSFT230616C00250000", "reduced", ""),
            ("2022-12-27", "GONE", "exited", "EXIT_ASSUMED"),
            ("2022-12-27", "HOUSE", "held", "MANUAL"),
        ],
        columns=["snapshot_date", "symbol", "change", "flags"],
    )
    history = tmp_path / "2022-12-27.parquet"
    held.assign(snapshot_date=pd.to_datetime(held["snapshot_date"])).to_parquet(history)
    request = {
        "as_of": AS_OF,
        "portfolio": {"id": "one"},
        "files": {
            "positions_file": {"path": str(write(tmp_path, "AAPL,10,100,2022-01-03")), "name": "book.csv"}
        },
        "histories": {"snapshot_positions": str(history)},
    }
    assert files.validate(request)["symbols"] == ["AAPL", "KO", "MSFT230616C00250000"]


def test_position_ids_are_symbol_and_day_and_a_number_when_they_repeat(tmp_path):
    rows, _ = read(
        tmp_path,
        "AAPL,1,100,2022-01-03",
        "AAPL,0,100,2022-01-03",
        "aapl,2,100,2022-01-03",
        "AAPL,1,100,2022-01-04",
        "AAPL,3,100,2022-01-03",
    )
    assert list(rows["position_id"]) == [
        "AAPL-2022-01-03",
        "AAPL-2022-01-03-2",
        "AAPL-2022-01-04",
        "AAPL-2022-01-03-3",
    ]


@pytest.mark.parametrize("name", ["individual", "high-net-worth", "long-short"])
def test_the_demonstration_portfolios_have_no_rejected_row(name):
    from toy.workbench import REPOSITORY as ROOT

    rows, issues = files.read_positions(ROOT / "params" / "portfolios" / f"{name}.csv", name, AS_OF)
    assert len(rows) > 10
    assert not codes(issues, "rejected")


@pytest.mark.parametrize(("sign", "words"), [(";", "semicolons"), ("\t", "tabs")])
def test_semicolons_and_tabs_separate_columns_and_it_is_told(tmp_path, sign, words):
    """What a spreadsheet of a country with decimal commas saves as CSV."""
    whole = f"{HEADER},tags\n{ROW},tech\n"
    plain, none = files.read_positions(write_text(tmp_path, whole), "a.csv", AS_OF)
    other = write_text(tmp_path, whole.replace(",", sign) + f"MSFT{sign}1{sign}5{sign}2022-01-03{sign}a,b\n")
    rows, issues = files.read_positions(other, "a.csv", AS_OF)
    pd.testing.assert_frame_equal(rows.iloc[:1], plain)
    assert rows["tags"].iloc[1] == "a,b"
    told = issues[issues["code"] == "OTHER_SEPARATOR"].iloc[0]
    assert (told["line"], told["severity"]) == (1, "info") and words in told["message"]
    assert "OTHER_SEPARATOR" not in set(none["code"])
    comma = write_text(
        tmp_path, f"{HEADER}\n".replace(",", sign) + sign.join(["AAPL", "1", "5,5", "2022-01-03"])
    )
    with pytest.raises(InputError, match="every row is rejected"):
        files.read_positions(comma, "a.csv", AS_OF)


def write_text(folder, text):
    path = folder / "book.csv"
    path.write_text(text, encoding="utf-8")
    return path
