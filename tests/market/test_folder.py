"""The folder provider: what it reads, and every refusal with file, line and field."""

import os
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.contracts import conform
from lib.errors import InputError
from lib.market.providers import prepare
from lib.market.quality.bars import check_bars
from lib.tables import TABLES
from lib.user_tables import cells

PRICES = "date,symbol,close\n2022-12-27,AAA,100\n2022-12-28,AAA,101\n2022-12-28,BBB,50\n"
CALL = "AAA230616C00100000"


@pytest.fixture
def ask(tmp_path):
    """Writes the given files (name without ending to CSV text or bytes) and asks for two symbols."""

    def run(*symbols, as_of="2022-12-28", settings=None, now="", **files):
        folder = tmp_path / "data"
        folder.mkdir(exist_ok=True)
        for name, content in ({"prices": PRICES} | files).items():
            if content is not None:
                data = content if isinstance(content, bytes) else content.encode()
                (folder / f"{name}.csv").write_bytes(data)
        data = {"provider": "folder", "path": str(folder)} | (settings or {})
        request = {
            "as_of": as_of,
            "settings": data,
            "symbols": symbols or ("AAA", "BBB"),
            "params_file": "p.yaml",
            "now": now,
        }
        got = prepare(request)
        for name, frame in got.items():
            if name == "warnings":
                continue
            pd.testing.assert_frame_equal(frame, conform(frame, TABLES[name]))
        return got

    return run


def refused(ask, **files):
    with pytest.raises(InputError) as fault:
        ask(**files)
    return str(fault.value)


def refused_parquet(ask, tmp_path, frame, name="prices", **options):
    (tmp_path / "data").mkdir(exist_ok=True)
    frame.to_parquet(tmp_path / "data" / f"{name}.parquet")
    return refused(ask, **({name: None} | options))


def test_a_folder_of_closes_is_enough(ask):
    got = ask("BBB", "AAA")
    prices = got["raw_prices"]
    assert prices["symbol"].tolist() == ["AAA", "AAA", "BBB"]
    assert prices["close"].tolist() == [100.0, 101.0, 50.0]
    assert prices["adj_close"].tolist() == [100.0, 101.0, 50.0]
    assert set(prices["price_basis"]) == {"raw"}
    assert set(prices["source"]) == {"prices.csv"}
    assert got["raw_yields"].empty
    assert got["raw_implied_vols"].empty
    assert set(got["raw_instruments"]["kind"]) == {"stock"}
    detail = got["raw_sync_log"]["detail"].iloc[0]
    assert "splits as jumps" in detail
    assert "taken for a stock in USD" in detail


def test_rows_come_in_one_order_whatever_the_order_of_the_file(ask):
    first = ask()
    header, *rows = PRICES.splitlines()
    second = ask(prices="\n".join([header, *reversed(rows)]))
    for name in first:
        pd.testing.assert_frame_equal(first[name], second[name])


def test_header_case_byte_order_mark_blank_lines_and_windows_line_ends_are_accepted(ask):
    text = (
        "\ufeff Date , SYMBOL,Close,Adj Close\r\n2022-12-27,aaa,100,99\r\n\r\n2022-12-28,AAA,101,101\r\n\r\n"
    )
    prices = ask(prices=text)["raw_prices"]
    assert prices["adj_close"].tolist() == [99.0, 101.0]
    assert prices["symbol"].tolist() == ["AAA", "AAA"]


def test_days_after_as_of_and_symbols_that_are_not_asked_stay_out(ask):
    got = ask("AAA", as_of="2022-12-27")
    assert got["raw_prices"]["date"].tolist() == [pd.Timestamp("2022-12-27")]
    assert got["raw_sync_log"]["symbol"].tolist() == ["AAA"]


def test_missing_symbols_have_a_reason_and_stop_nothing(ask):
    got = ask("AAA", "BBB", "CCC", "AAA229999C00001000", as_of="2022-12-27")
    log = got["raw_sync_log"].set_index("symbol")
    assert log["status"].to_dict() == {
        "AAA": "ok",
        "AAA229999C00001000": "missing",
        "BBB": "missing",
        "CCC": "missing",
    }
    assert log.loc["BBB", "detail"] == "its first price in prices.csv is of 2022-12-28"
    assert log.loc["CCC", "detail"] == "not in prices.csv"
    assert log.loc["AAA229999C00001000", "detail"] == "BAD_OCC_DATE"


def test_exchange_country_and_market_capitalisation_are_those_of_the_file_and_null_without(ask):
    names = ["exchange", "country", "market_cap"]
    bare = ask("AAA", prices=PRICES)["raw_instruments"].iloc[0]
    assert bare[names].isna().all()
    told = "symbol,name,kind,sector,currency,exchange,country,market_cap\n"
    told += "AAA,A,stock,,USD,XNYS,Norway,2500000000\n"
    row = ask("AAA", prices=PRICES, instruments=told)["raw_instruments"].iloc[0]
    assert row[names].tolist() == ["XNYS", "Norway", 2.5e9]


def test_an_option_brings_its_underlying_with_bars_and_volatilities(ask):
    got = ask(
        CALL,
        prices=PRICES + "2022-12-28,AAA  230616C00100000,7.5\n",
        implied_vols="date,symbol,implied_vol\n2022-12-28,AAA,0.3\n2022-12-28,BBB,0.4\n",
        instruments="symbol,name,kind,sector,currency\nAAA,Triple A,stock,Energy,EUR\n",
    )
    assert set(got["raw_prices"]["symbol"]) == {"AAA", CALL}
    assert set(got["raw_implied_vols"]["symbol"]) == {"AAA"}
    option = got["raw_instruments"].set_index("symbol").loc[CALL]
    assert option["kind"] == "option"
    assert option["name"] == "AAA 16 Jun 2023 100 call"
    assert (option["sector"], option["currency"]) == ("Energy", "EUR")


def test_identical_rows_are_kept_for_the_stage_to_report(ask):
    prices = ask(prices=PRICES + "2022-12-28,BBB,50.0\n")["raw_prices"]
    assert prices.duplicated().sum() == 1


def test_bad_bars_are_kept_for_the_stage_to_set_aside(ask):
    prices = ask(prices="date,symbol,close\n2022-12-26,AAA,\n2022-12-27,AAA,-1\n2022-12-28,AAA,inf\n")[
        "raw_prices"
    ]
    assert np.isnan(prices["close"].iloc[0])
    assert prices["close"].tolist()[1:] == [-1.0, np.inf]


def test_parquet_gives_the_same_tables(ask, tmp_path):
    by_csv = ask()
    frame = pd.read_csv(tmp_path / "data" / "prices.csv", parse_dates=["date"])
    (tmp_path / "data" / "prices.csv").unlink()
    frame.to_parquet(tmp_path / "data" / "prices.parquet")
    by_parquet = ask(prices=None)
    assert set(by_parquet["raw_prices"].pop("source")) == {"prices.parquet"}
    pd.testing.assert_frame_equal(by_csv["raw_prices"].drop(columns="source"), by_parquet["raw_prices"])


def test_other_maturities_are_passed_over_and_surfaces_keep_their_strikes(ask):
    got = ask(
        yields="date,tenor,rate\n2022-12-28,10y,0.0388\n2022-12-28,7Y,0.04\n2022-12-28,5Y,0.041\n2022-12-29,3M,0.04\n",
        implied_vols="date,symbol,expiry,strike,right,implied_vol\n"
        "2022-12-28,AAA,2023-06-16,100,c,0.3\n2022-12-28,AAA,,,,0.31\n",
    )
    assert got["raw_yields"][["tenor", "rate"]].to_numpy().tolist() == [["10Y", 0.0388], ["5Y", 0.041]]
    vols = got["raw_implied_vols"]
    assert vols["strike"].isna().tolist() == [True, False]
    assert vols["right"].tolist()[1] == "C"


DAYS = ["2022-12-01", "2022-12-02", "2022-12-05", "2022-12-06", "2022-12-07"]


def closes(*values):
    return "date,symbol,close\n" + "".join(
        f"{day},AAA,{value}\n" for day, value in zip(DAYS, values, strict=True)
    )


def test_adjusted_returns_are_what_a_holder_earned(ask):
    actions = "date,symbol,dividend,split\n2022-12-02,AAA,1,\n2022-12-06,AAA,0.5,2\n2022-12-28,AAA,9,\n"
    bars = ask("AAA", prices=closes(100, 101, 104, 51, 52), actions=actions)["raw_prices"]
    earned = bars["adj_close"].pct_change().dropna().tolist()
    assert earned == pytest.approx([102 / 100 - 1, 104 / 101 - 1, (51 * 2 + 0.5) / 104 - 1, 52 / 51 - 1])
    assert bars["adj_close"].iloc[-1] == 52.0
    assert bars["dividend"].tolist() == [0.0, 1.0, 0.0, 0.5, 0.0]
    assert bars["split"].tolist() == [1.0, 1.0, 1.0, 2.0, 1.0]
    assert set(bars["price_basis"]) == {"raw"}


def test_a_dividend_after_as_of_changes_nothing_before_it(ask):
    actions = "date,symbol,dividend\n2022-12-06,AAA,5\n"
    before = ask("AAA", as_of="2022-12-05", prices=closes(100, 101, 104, 99, 99), actions=actions)
    assert before["raw_prices"]["adj_close"].tolist() == [100.0, 101.0, 104.0]


def test_an_ex_date_without_a_sound_bar_counts_on_the_next_one(ask):
    actions = "date,symbol,dividend\n2022-12-03,AAA,2\n2022-11-01,AAA,7\n"
    bars = ask("AAA", prices=closes(100, 102, -1, 100, 100), actions=actions)["raw_prices"]
    assert bars["dividend"].fillna(0).tolist() == [0.0, 0.0, 0.0, 2.0, 0.0]
    assert bars["adj_close"].iloc[3] / bars["adj_close"].iloc[1] == pytest.approx(102 / 102)
    assert np.isnan(bars["adj_close"].iloc[2])


def test_actions_take_the_place_of_an_adjusted_close_and_say_so(ask):
    got = ask(
        "AAA",
        prices="date,symbol,close,adj_close\n2022-12-28,AAA,100,77\n",
        actions="date,symbol,split\n2022-12-01,AAA,2\n",
    )
    assert got["raw_prices"]["adj_close"].tolist() == [100.0]
    assert "set aside" in got["raw_sync_log"]["detail"].item()


def test_actions_of_one_symbol_leave_the_others_alone(ask):
    got = ask(actions="date,symbol,dividend\n2022-12-28,AAA,1\n")
    adjusted = got["raw_prices"].set_index(["symbol", "date"])["adj_close"]
    assert adjusted.tolist() == pytest.approx([100 * 101 / 102, 101.0, 50.0])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("symbol,close\nAAA,1\n", "prices.csv:1: date: no such column in the header; add it"),
        ("date,symbol,close,close\n2022-12-28,AAA,1,1\n", "prices.csv:1: close: the header names it twice"),
        ("date,symbol,close,Close \n2022-12-28,AAA,1,1\n", "prices.csv:1: close: the header names it twice"),
        (
            "date,symbol,close,adjclose\n2022-12-28,AAA,1,1\n",
            "prices.csv:1: adjclose: no column of the format",
        ),
        (
            "date,symbol,close\n2022-12-27,AAA,1\n2022-12-28,AAA,x\n",
            "prices.csv:3: close: “x” is not a number",
        ),
        (
            "date,symbol,close\n2022-12-28,AAA,$1\n",
            "prices.csv:2: close: “$1” is not a number; write plain numbers",
        ),
        ('date,symbol,close\n2022-12-28,AAA,"1,234"\n', "prices.csv:2: close: “1,234” is not a number"),
        ("date,symbol,close\n2022-12-28,AAA,nan\n", "prices.csv:2: close: “nan” is not a number"),
        ("date,symbol,close\n2022-12-28,AAA,NA\n", "prices.csv:2: close: “NA” is not a number"),
        (
            "date,symbol,close\n\n\n28.12.2022,AAA,1\n",
            "prices.csv:4: date: “28.12.2022” is not a date; write YYYY-MM-DD",
        ),
        ("date,symbol,close\n2022-2-3,AAA,1\n", "prices.csv:2: date: “2022-2-3” is not a date"),
        ("date,symbol,close\n2022-02-30,AAA,1\n", "prices.csv:2: date: “2022-02-30” is not a date"),
        (
            "date,symbol,close\n2022-12-28 16:00,AAA,1\n",
            "prices.csv:2: date: “2022-12-28 16:00” is not a date",
        ),
        ("date,symbol,close\n,AAA,1\n", "prices.csv:2: date: empty; write a date"),
        ("date,symbol,close\n2022-12-28,,1\n", "prices.csv:2: symbol: not a symbol"),
        (
            "date,symbol,close\n2022-12-28,../../x?y=1,1\n",
            "prices.csv:2: symbol: “../../x?y=1” is not a symbol",
        ),
        (
            "date,symbol,close\n2022-12-28,AAA,1\n2022-12-28,AAA,1,9\n",
            "prices.csv:3: 4 fields where the header has 3",
        ),
        (
            "date,symbol,close\n2022-12-28,AAA,1\n2022-12-28,BB\n",
            "prices.csv:3: 2 fields where the header has 3",
        ),
        ('date,symbol,close\n2022-12-28,AAA,"1\n', "prices.csv:2: a quote is opened and never closed"),
        ("date,symbol,close\n", "prices.csv: no rows below the header"),
        ("", "prices.csv: the file is empty"),
        (
            "date,symbol,close\n2022-12-28,AÄ,1\n".encode("latin-1"),
            "prices.csv:2: not UTF-8; save the file as UTF-8",
        ),
        ("date,symbol,close\n2022-12-28,AAA,1\n".encode("utf-16"), "prices.csv:1: not UTF-8"),
        (b"date,symbol,close\n2022-12-28,A\0A,1\n", "prices.csv:2: a NUL byte"),
        (
            PRICES.replace(",", ";"),
            "prices.csv:1: the columns are separated by semicolons; save it as CSV with commas, and with a",
        ),
        (
            "date;symbol;close\n2022-12-28;AAA;100,5\n",
            "prices.csv:1: the columns are separated by semicolons; save it as CSV with commas",
        ),
        (PRICES.replace(",", "\t"), "prices.csv:1: the columns are separated by tabs"),
        ("\n" + PRICES, "prices.csv:1: the first line is blank; begin the file with its header"),
        ("\n \n", "prices.csv: the file is empty; give it a header and rows"),
        (
            "2022-12-27,AAA,100\n2022-12-28,AAA,101\n",
            "prices.csv:1: date, symbol, close: no such column in the header; begin the file with the names",
        ),
        (
            'date,symbol,close\n2022-12-27,AAA,"1"\n2022-12-28,AAA\n',
            "prices.csv:3: 2 fields where the header has 3; complete the row",
        ),
        (
            'date,symbol,close,note\n2022-12-27,AAA,1,"two\nlines"\n2022-12-28,AAA,1\n',
            "prices.csv:4: 3 fields where the header has 4; complete the row",
        ),
        (
            b"PK\x03\x04\x14\x00\x06\x00",
            "prices.csv: an Excel file under the name of a CSV; save it as CSV (UTF-8)",
        ),
        (
            "date,symbol,close,volume\n2022-12-28,AAA,1,lots\n",
            "prices.csv:2: volume: “lots” is not a number; write plain numbers",
        ),
        (
            PRICES + "2022-12-27,AAA,100.5\n",
            "prices.csv:5: date,symbol: 2022-12-27 AAA stands here and in line 2 with other values",
        ),
    ],
)
def test_prices_that_cannot_be_read_are_refused_by_line_and_field(ask, text, message):
    assert refused(ask, prices=text).startswith(message)


def test_the_line_is_right_after_a_quoted_line_break(ask):
    text = 'date,symbol,close,note\n2022-12-27,AAA,1,"two\nlines"\n2022-12-28,AAA,x,\n'
    assert refused(ask, prices=text).startswith("prices.csv:4: close: “x” is not a number")


def test_a_symbol_called_na_or_true_is_a_symbol(ask):
    got = ask("NA", "TRUE", prices="date,symbol,close\n2022-12-28,NA,1\n2022-12-28,TRUE,2\n")
    assert got["raw_prices"]["close"].tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "yields",
            "date,tenor,rate\n2022-12-28,10Y,4.25\n",
            "yields.csv:2: rate: “4.25” is outside -0.1 to 1; write decimals",
        ),
        (
            "yields",
            "date,tenor,rate\n2022-12-28,ten,0.04\n",
            "yields.csv:2: tenor: “TEN” is not known; write 3M",
        ),
        ("yields", "date,tenor,rate\n2022-12-28,10Y,\n", "yields.csv:2: rate: empty"),
        (
            "yields",
            "date,tenor,rate\n2022-12-28,10Y,4.25%\n",
            "yields.csv:2: rate: “4.25%” is not a number; write decimals a year: 0.0425 for 4.25 %",
        ),
        ("yields", "date;tenor;rate\n", "yields.csv:1: the columns are separated by semicolons"),
        (
            "instruments",
            "symbol,name,kind,sector,currency\nAAA,Nestlé,stock,,USD\n".encode("latin-1"),
            "instruments.csv:2: not UTF-8; save the file as UTF-8",
        ),
        (
            "yields",
            "date,tenor,rate\n2022-12-28,10Y,0.04\n2022-12-28,10Y,0.05\n",
            "yields.csv:3: date,tenor: 2022-12-28 10Y stands here and in line 2",
        ),
        (
            "implied_vols",
            "date,symbol,implied_vol\n2022-12-28,AAA,25\n",
            "implied_vols.csv:2: implied_vol: “25” is outside",
        ),
        (
            "implied_vols",
            "date,symbol,expiry,strike,right,implied_vol\n2022-12-28,AAA,2023-06-16,100,,0.2\n",
            "implied_vols.csv:2: expiry: only a part of expiry, strike and right; give all or none",
        ),
        (
            "implied_vols",
            "date,symbol,expiry,strike,right,implied_vol\n2022-12-28,AAA,2023-06-16,100,put,0.2\n",
            "implied_vols.csv:2: right: “put” is not known; write one of C, P",
        ),
        (
            "implied_vols",
            "date,symbol,expiry,strike,right,implied_vol\n2022-12-28,AAA,,,,0.2\n2022-12-28,AAA,,,,0.3\n",
            "implied_vols.csv:3: date,symbol,expiry,strike,right: 2022-12-28 AAA stands here and in line 2",
        ),
        (
            "instruments",
            "symbol,name,kind,sector,currency\nAAA,A,share,Energy,USD\n",
            "instruments.csv:2: kind: “share” is not known; write one of stock, etf",
        ),
        (
            "instruments",
            "symbol,name,kind,sector,currency\nAAA,A,stock,Energy,dollar\n",
            "instruments.csv:2: currency: “DOLLAR” is not known",
        ),
        (
            "instruments",
            "symbol,name\nAAA,A\n",
            "instruments.csv:1: kind: no such column in the header; add it\ninstruments.csv:1: sector",
        ),
        (
            "actions",
            "date,symbol,dividend,split\n2022-12-28,AAA,-1,\n",
            "actions.csv:2: dividend: “-1” is outside 0 to inf",
        ),
        (
            "actions",
            "date,symbol,dividend,split\n2022-12-28,AAA,,0\n",
            "actions.csv:2: split: “0” is outside",
        ),
        (
            "actions",
            "date,symbol,dividend,split\n2022-12-28,AAA,,2:1\n",
            "actions.csv:2: split: “2:1” is not a number",
        ),
    ],
)
def test_other_files_that_cannot_be_read_are_refused_by_line_and_field(ask, name, text, message):
    assert refused(ask, **{name: text}).startswith(message)


def test_a_folder_that_is_not_there_or_not_named_is_refused(ask, tmp_path):
    with pytest.raises(InputError, match=r"^p\.yaml: data\.path: no folder .*nowhere; name a folder"):
        ask(settings={"path": str(tmp_path / "nowhere")})
    with pytest.raises(InputError, match=r"^p\.yaml: data\.path: the folder provider needs"):
        ask(settings={"path": None})


def test_a_folder_without_prices_or_with_two_of_them_is_refused(ask, tmp_path):
    assert refused(ask, prices=None).startswith("prices.csv: no prices.csv and no prices.parquet")
    ask()
    (tmp_path / "data" / "prices.parquet").write_bytes(b"x")
    assert refused(ask).startswith("prices.csv: prices.csv and prices.parquet are both there")


def test_what_is_no_parquet_is_refused(ask, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "prices.parquet").write_bytes(b"not parquet at all")
    assert refused(ask, prices=None).startswith("prices.parquet: cannot be read as Parquet")


SOUND = pd.DataFrame(
    {"date": pd.to_datetime(["2022-12-27", "2022-12-28"]), "symbol": "AAA", "close": [100.0, 101.0]}
)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"close": ["100", "x"]}, "prices.parquet:2: close: “x” is not a number; write plain numbers"),
        ({"close": [True, False]}, "prices.parquet:1: close: “True” is not a number"),
        ({"close": [[1.0], [2.0]]}, "prices.parquet: close: a column of list<element: double>; store plain"),
        ({"close": SOUND["date"]}, "prices.parquet:1: close: “2022-12-27 00:00:00” is not a number"),
        (
            {"date": [20221227, 20221228]},
            "prices.parquet:1: date: “20221227” is not a date; write YYYY-MM-DD",
        ),
        (
            {"date": SOUND["date"].dt.tz_localize("UTC")},
            "prices.parquet:1: date: “2022-12-27 00:00:00+00:00” is a time of day; store the day alone",
        ),
        ({"symbol": [None, "AAA"]}, "prices.parquet:1: symbol: not a symbol"),
    ],
)
def test_parquet_of_another_type_is_refused_by_row_and_field(ask, tmp_path, change, message):
    assert refused_parquet(ask, tmp_path, SOUND.assign(**change)).startswith(message)


def test_parquet_without_a_column_or_without_rows_is_refused(ask, tmp_path):
    assert refused_parquet(ask, tmp_path, SOUND.drop(columns="close")) == (
        "prices.parquet: close: no such column in the header; add it"
    )
    assert refused_parquet(ask, tmp_path, SOUND.iloc[:0]).startswith(
        "prices.parquet: no rows below the header"
    )


def test_parquet_of_a_type_that_holds_the_same_numbers_is_read(ask, tmp_path):
    (tmp_path / "data").mkdir()
    whole = SOUND.assign(
        symbol=pd.Categorical(["AAA", "AAA"]),
        close=[Decimal("100.5"), Decimal("101")],
        volume=np.array([5, 6], dtype="int32"),
        open=None,
    )
    whole.to_parquet(tmp_path / "data" / "prices.parquet")
    bars = ask("AAA", prices=None)["raw_prices"]
    assert bars["close"].tolist() == [100.5, 101.0]
    assert bars["volume"].tolist() == [5.0, 6.0]
    assert bars["open"].isna().all()


@pytest.mark.parametrize("name", ["prices", "yields", "implied_vols", "instruments", "actions"])
@pytest.mark.parametrize("end", ["csv", "parquet"])
def test_a_folder_or_a_broken_link_in_the_place_of_a_file_is_refused(ask, tmp_path, name, end):
    place = tmp_path / "data" / f"{name}.{end}"
    place.mkdir(parents=True)
    others = {name: None}
    assert refused(ask, **others).startswith(f"{name}.{end}: it is a folder, not a plain file")
    place.rmdir()
    place.symlink_to(tmp_path / "nowhere")
    assert refused(ask, **others).startswith(f"{name}.{end}: it is a link that leads nowhere")


@pytest.mark.parametrize("given", ["prices.xlsx", "prices.CSV", "Prices.csv", "prices.txt", "prices.csv.gz"])
def test_a_file_that_was_meant_and_would_be_passed_over_is_refused_by_its_name(ask, tmp_path, given):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / given).write_bytes(b"x")
    assert refused(ask, prices=None) == (
        f"{given}: not a name that is read; save it as prices.csv or prices.parquet"
    )


def test_an_optional_file_under_another_name_is_refused_and_a_file_beside_the_right_one_is_not(ask, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "yields.xlsx").write_bytes(b"x")
    assert refused(ask).startswith("yields.xlsx: not a name that is read; save it as yields.csv")
    assert len(ask(yields="date,tenor,rate\n2022-12-28,10Y,0.04\n")["raw_yields"]) == 1


def test_a_file_that_may_not_be_read_is_refused(ask, monkeypatch):
    def denied(path, flags):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)
    assert refused(ask).startswith("prices.csv: it may not be read")


NOW = "2022-12-28T21:30:00+00:00"


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("prices", PRICES + "2202-12-28,AAA,100\n", 5),
        ("prices", PRICES + "2022-12-30,AAA,100\n", 5),
        ("yields", "date,tenor,rate\n2023-01-03,10Y,0.04\n", 2),
        ("implied_vols", "date,symbol,implied_vol\n9999-12-31,AAA,0.2\n", 2),
    ],
)
def test_a_day_still_to_come_is_refused(ask, name, text, line):
    day = text.splitlines()[-1].split(",")[0]
    assert refused(ask, now=NOW, **{name: text}) == (
        f"{name}.csv:{line}: date: “{day}” is in the future; correct the year, or remove the row"
    )


def test_today_in_the_farthest_time_zone_and_an_announced_dividend_are_no_future(ask):
    """At 21:30 UTC it is already the 29th east of Greenwich by more than two and a half hours."""
    tomorrow = PRICES + "2022-12-29,AAA,100\n"
    assert len(ask(prices=tomorrow, now=NOW)["raw_prices"]) == 3
    assert ask(prices=tomorrow, now=NOW, actions="date,symbol,dividend\n2023-02-01,AAA,1\n")


@pytest.mark.parametrize("as_of", ["2022-12-29", "2030-01-02"])
def test_an_as_of_date_after_the_last_closed_session_is_refused_with_the_last_day_of_the_data(ask, as_of):
    with pytest.raises(InputError) as fault:
        ask(as_of=as_of, now=NOW)
    assert str(fault.value) == (
        f"p.yaml: as_of: {as_of} lies after the last closed session, 2022-12-28; take that day or an earlier "
        "one, or `latest`; the data reach to 2022-12-28"
    )


def test_every_wrong_cell_of_every_file_is_told_at_once_with_its_folder(ask):
    wrong = {
        "prices": "date,symbol,close,volume\n2022-12-27,AAA,x,1\n2022-13-28,A/B,1,lots\n2022-12-28,AAA,1,2\n"
        "2022-12-28,AAA,3,2\n",
        "yields": "date,tenor,rate\n2022-12-28,10Y,4.25\n",
        "actions": "date,symbol,dividned\n2022-12-28,AAA,1\n",
    }
    told = refused(ask, settings={"path_shown": "my/data"}, **wrong).splitlines()
    assert [line.split(": ")[:2] for line in told] == [
        ["my/data/prices.csv:2", "close"],
        ["my/data/prices.csv:3", "date"],
        ["my/data/prices.csv:3", "symbol"],
        ["my/data/prices.csv:3", "volume"],
        ["my/data/prices.csv:5", "date,symbol"],
        ["my/data/actions.csv:1", "dividned"],
        ["my/data/yields.csv:2", "rate"],
    ]


def test_of_many_wrong_cells_the_first_are_told_and_the_others_counted(ask):
    rows = "".join("2022-12-28,AAA,x\n" for _ in range(20_000))
    told = refused(ask, prices="date,symbol,close\n" + rows).splitlines()
    assert len(told) == 51
    assert told[-1] == "prices.csv:51: and 19,950 more; mend these first"


def test_a_table_that_nobody_reads_is_named_with_the_nearest_name(ask):
    got = ask(yield_="", settings={"path_shown": "data"}, yields_old="a", notes="b")
    assert [one["file"] for one in got["warnings"]] == [
        "data/notes.csv", "data/yield_.csv", "data/yields_old.csv",
    ]  # fmt: skip
    assert got["warnings"][1]["mend"] == "is yields.csv meant? Rename it"


def test_nothing_of_a_file_that_is_no_table_is_told(ask):
    told = refused(ask, prices="root:x:0:0:root,/root:/bin/bash,secret\n")
    assert told == (
        "prices.csv:1: date, symbol, close: no such column in the header; begin the file with the names of "
        "its columns"
    )


def test_a_negative_volume_is_read_and_set_aside_by_the_stage_with_its_day_and_figure(ask):
    text = "date,symbol,close,volume\n2022-12-27,AAA,100,-4\n2022-12-28,AAA,101,5\n"
    bars = ask("AAA", prices=text)["raw_prices"]
    issues = check_bars(bars, as_of="2022-12-28", jump_limit=0.2, stale_repeats=5).issues
    assert issues[["date", "symbol", "check", "detail", "action"]].to_numpy().tolist() == [
        [pd.Timestamp("2022-12-27"), "AAA", "BAD_VOLUME", "volume \u22124", "quarantined"]
    ]


def test_times_of_day_in_parquet_are_refused_by_row(ask, tmp_path):
    (tmp_path / "data").mkdir()
    frame = pd.DataFrame(
        {
            "date": [pd.Timestamp("2022-12-27"), pd.Timestamp("2022-12-28 16:00")],
            "symbol": "AAA",
            "close": 1.0,
        }
    )
    frame.to_parquet(tmp_path / "data" / "prices.parquet")
    assert refused(ask, prices=None).startswith(
        "prices.parquet:2: date: “2022-12-28 16:00:00” is a time of day"
    )


def test_files_above_the_caps_are_refused(ask, monkeypatch):
    monkeypatch.setattr(cells, "MAX_ROWS", 2)
    assert refused(ask).startswith("prices.csv: 3 rows; at most 2 are read")
    monkeypatch.setattr(cells, "MAX_BYTES", 10)
    assert refused(ask).startswith("prices.csv: 0.0 MB (FILE_TOO_LARGE)")


def test_an_as_of_date_before_the_data_names_the_first_possible_one(ask):
    with pytest.raises(
        InputError, match=r"^p\.yaml: as_of: 2022-12-26 lies .*; the first date possible is 2022-12-27$"
    ):
        ask(as_of="2022-12-26")


def test_rows_are_real_unless_the_file_names_another_origin(ask):
    got = ask(
        prices="date,symbol,close,origin\n2022-12-27,AAA,100,Generated\n2022-12-28,AAA,101,\n",
        yields="date,tenor,rate,origin\n2022-12-28,10Y,0.04,constructed\n",
        implied_vols="date,symbol,implied_vol\n2022-12-28,AAA,0.3\n",
        instruments="symbol,name,kind,sector,currency,origin\nAAA,A,stock,,USD,manual\n",
    )
    assert got["raw_prices"]["origin"].tolist() == ["generated", "real"]
    assert got["raw_yields"]["origin"].tolist() == ["constructed"]
    assert got["raw_implied_vols"]["origin"].tolist() == ["real"]
    assert got["raw_instruments"]["origin"].tolist() == ["manual", "real"]
    assert refused(ask, prices="date,symbol,close,origin\n2022-12-27,AAA,100,fake\n").startswith(
        "prices.csv:2: origin: “fake” is not known; write one of real, constructed"
    )


FILES = {
    "prices": PRICES,
    "yields": "date,tenor,rate\n2022-12-27,3M,0.04\n2022-12-28,10Y,0.0388\n",
    "implied_vols": "date,symbol,expiry,strike,right,implied_vol\n"
    "2022-12-28,AAA,2023-06-16,100,C,0.3\n2022-12-28,AAA,,,,0.31\n",
    "instruments": "symbol,name,kind,sector,currency,dividend_yield\n"
    "AAA,A,stock,,USD,\nBBB,B,etf,Energy,USD,0.01\n",
    "actions": "date,symbol,dividend,split\n2022-12-28,AAA,0.5,\n2022-12-28,BBB,,2\n",
}


@pytest.mark.parametrize("dates", ["timestamps", "days", "text"])
def test_every_file_may_be_parquet_whatever_its_dates_are_stored_as(ask, tmp_path, dates):
    by_csv = ask(**FILES)
    for name in FILES:
        path = tmp_path / "data" / f"{name}.csv"
        parsed = [] if dates == "text" else ["date"] * (name != "instruments")
        frame = pd.read_csv(path, parse_dates=parsed)
        if dates == "days" and "date" in frame:
            frame["date"] = frame["date"].dt.date
        frame.to_parquet(path.with_suffix(".parquet"))
        path.unlink()
    by_parquet = ask(**dict.fromkeys(FILES))
    for table, frame in by_csv.items():
        other = by_parquet[table]
        if "source" in frame:
            assert frame["source"].str.replace(".csv", ".parquet").tolist() == other["source"].tolist()
            frame, other = frame.drop(columns="source"), other.drop(columns="source")
        pd.testing.assert_frame_equal(frame, other)


TEMPLATES = Path(__file__).resolve().parents[2] / "params" / "templates" / "data"


def template(name):
    return pd.read_csv(TEMPLATES / f"{name}.csv")


def test_the_templates_are_read_whole_and_say_that_they_are_made_up():
    prices = template("prices")
    symbols = prices["symbol"].unique().tolist()
    request = {
        "as_of": prices["date"].max(),
        "settings": {"provider": "folder", "path": str(TEMPLATES)},
        "symbols": symbols,
    }
    got = prepare(request)
    for name in ("prices", "yields", "implied_vols"):
        assert len(got[f"raw_{name}"]) == len(template(name)), name
        assert set(got[f"raw_{name}"]["origin"]) == {"generated"}
    assert set(got["raw_instruments"]["symbol"]) == set(symbols)
    assert got["raw_sync_log"]["status"].eq("ok").all()
    actions = got["raw_prices"].query("dividend != 0 or split != 1").dropna(subset="dividend")
    assert len(actions) == len(template("actions"))


def test_the_templates_pass_every_check():
    prices = template("prices")
    request = {"as_of": "2022-12-28", "settings": {"provider": "folder", "path": str(TEMPLATES)}}
    got = prepare(request | {"symbols": prices["symbol"].unique().tolist()})
    checked = check_bars(got["raw_prices"], as_of="2022-12-28", jump_limit=0.2, stale_repeats=5)
    assert len(checked.issues) == len(checked.repairs) == 0
    assert len(checked.prices) == len(prices)


def test_the_read_me_of_the_templates_names_every_file_and_column():
    text = (TEMPLATES / "README.md").read_text(encoding="utf-8")
    for path in TEMPLATES.glob("*.csv"):
        section = text.split(f"## {path.stem}\n")[1].split("\n## ")[0]
        columns = set(template(path.stem)) - {"origin"}
        assert not [name for name in columns if f"`{name}`" not in section], path.name
