"""From Yahoo's answers to bars, profiles and quotes: published prices, hand-made answers, broken forms."""

import copy
import json
from datetime import date

import numpy as np
import pandas as pd
import pytest

from lib.market.yahoo.answer_status import Call, status_of
from lib.market.yahoo.asks import Ask, frame_of, refusal
from lib.market.yahoo.chart import BrokenAnswer, chart_of, local_days
from lib.market.yahoo.reading import (
    as_paid,
    bars_of,
    later_splits,
    plain,
    profile_of,
    quotes_of,
    repairs_of,
    significant,
)  # fmt: skip

NEW_YORK = "America/New_York"
NOW = pd.Timestamp("2026-01-05 12:00:00")

# Apple around its splits of 7 for 1 (9 June 2014) and 4 for 1 (31 August 2020), closes as printed on the day,
# dividends as declared: day, close, shares traded (rounded), dividend with this ex-date, split.
APPLE = [
    ("2014-05-08", 587.99, 8_223_500, 3.29, 1.0),
    ("2014-06-06", 645.57, 12_497_800, 0.0, 1.0),
    ("2014-06-09", 93.70, 75_414_000, 0.0, 7.0),
    ("2020-08-07", 444.45, 49_511_400, 0.82, 1.0),
    ("2020-08-28", 499.23, 46_907_500, 0.0, 1.0),
    ("2020-08-31", 129.04, 225_702_700, 0.0, 4.0),
    ("2020-11-06", 118.69, 114_457_900, 0.205, 1.0),
]
# What Yahoo shows of it: closes and dividends through 28 and through 4, volumes times these.
SHOWN = [
    (20.999643, 230_258_000, 0.1175),
    (23.056072, 349_938_400, None),
    (23.425, 301_656_000, None),
    (111.1125, 198_045_600, 0.205),
    (124.8075, 187_630_000, None),
    (129.04, 225_702_700, None),
    (118.69, 114_457_900, 0.205),
]


def seconds(day, clock="09:30", zone=NEW_YORK):
    return int(pd.Timestamp(f"{day} {clock}", tz=zone).timestamp())


def single(values):
    return [None if v is None else float(np.float32(v)) for v in values]


def answer(days, close, volume=None, dividends=(), splits=(), zone=NEW_YORK, **meta):
    """A chart answer; open, high and low are the close."""
    usual = {"currency": "USD", "instrumentType": "EQUITY", "exchangeTimezoneName": zone, "symbol": "AAPL"}
    quote = {name: list(close) for name in ("open", "high", "low", "close")}
    quote["volume"] = list(volume) if volume is not None else [100] * len(close)
    paid = {str(seconds(d)): {"date": seconds(d), "amount": a} for d, a in dividends}
    split = {
        str(seconds(d)): {"date": seconds(d), "numerator": new, "denominator": old} for d, new, old in splits
    }
    result = {
        "meta": usual | meta,
        "timestamp": [seconds(day, zone=zone) for day in days],
        "events": {"dividends": paid, "splits": split},
        "indicators": {"quote": [quote], "adjclose": [{"adjclose": list(close)}]},
    }
    return {"chart": {"result": [result], "error": None}}


def history_of(payload, zone=NEW_YORK):
    """The frame that yfinance makes of such an answer: rows with a price, days at midnight in the zone."""
    result = payload["chart"]["result"][0]
    quote = result["indicators"]["quote"][0]
    frame = pd.DataFrame({name.capitalize(): values for name, values in quote.items()}, dtype="float64")
    days = pd.to_datetime(result["timestamp"], unit="s", utc=True).tz_convert(zone).normalize()
    frame = frame.set_axis(days).assign(Dividends=0.0, **{"Stock Splits": 0.0})
    frame["Volume"] = frame["Volume"].fillna(0)
    return frame[~frame.index.duplicated() & frame["Close"].notna()]


def read(payload, start="2000-01-01", end="2030-01-01", now=NOW):
    chart = chart_of(payload, "AAPL", NEW_YORK, now)
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    bars, oddities = bars_of(history_of(payload), chart, "AAPL", first, last, NOW)
    days = oddities["date"].dt.strftime("%Y-%m-%d")
    return bars, list(zip(days, oddities["event"], strict=True))


@pytest.fixture
def apple():
    days = [row[0] for row in APPLE]
    return answer(
        days,
        single([shown[0] for shown in SHOWN]),
        [shown[1] for shown in SHOWN],
        [(day, shown[2]) for day, shown in zip(days, SHOWN, strict=True) if shown[2]],
        [("2014-06-09", 7.0, 1.0), ("2020-08-31", 4.0, 1.0)],
    )


def test_prices_volumes_and_dividends_of_apple_are_those_that_were_traded_and_paid(apple):
    bars, odd = read(apple)
    assert bars["date"].dt.strftime("%Y-%m-%d").tolist() == [row[0] for row in APPLE]
    assert bars["close"].tolist() == [row[1] for row in APPLE]
    assert bars["open"].tolist() == bars["high"].tolist() == bars["low"].tolist() == bars["close"].tolist()
    assert bars["volume"].tolist() == [row[2] for row in APPLE]
    assert bars["dividend"].tolist() == [row[3] for row in APPLE]
    assert bars["split"].tolist() == [row[4] for row in APPLE]
    assert (
        set(bars["symbol"]) == {"AAPL"}
        and set(bars["source"]) == {"yahoo"}
        and set(bars["origin"]) == {"real"}
    )
    assert (bars["fetched_at"] == NOW).all()
    assert odd == []


def test_a_refetch_after_one_more_split_gives_the_same_numbers_for_the_days_before():
    raw = [row[1] for row in APPLE]
    for ratio in (2.0, 3.0, 10.0, 20.0, 1.5, 0.125, 0.1, 0.05, 1.281):
        splits = [("2014-06-09", 7.0, 1.0), ("2020-08-31", 4.0, 1.0), ("2021-01-04", ratio, 1.0)]
        factor = [28 * ratio, 28 * ratio, *[4 * ratio] * 3, ratio, ratio]
        shown = single([price / by for price, by in zip(raw, factor, strict=True)])
        paid = [(row[0], round(row[3] / by, 6)) for row, by in zip(APPLE, factor, strict=True) if row[3]]
        bars, _ = read(answer([row[0] for row in APPLE], shown, None, paid, splits))
        assert bars["close"].tolist() == raw, ratio
        assert bars["dividend"].tolist() == pytest.approx([row[3] for row in APPLE], rel=1e-4), ratio
        assert bars["volume"].tolist() == pytest.approx([100 / by for by in factor], rel=1e-6), ratio


def test_the_bars_asked_for_are_restored_by_splits_that_came_after_them(apple):
    bars, _ = read(apple, "2014-06-01", "2020-08-28")
    assert bars["close"].tolist() == [645.57, 93.70, 444.45, 499.23]
    assert bars["split"].tolist() == [1.0, 7.0, 1.0, 1.0]


def test_the_split_of_a_day_does_not_count_for_the_day_itself():
    splits = pd.Series([7.0, 4.0], index=pd.to_datetime(["2014-06-09", "2020-08-31"]))
    days = pd.to_datetime(["2014-06-08", "2014-06-09", "2020-08-30", "2020-08-31", "2020-09-01"])
    assert later_splits(days, splits).tolist() == [28.0, 4.0, 4.0, 1.0, 1.0]
    assert later_splits(days, splits[::-1]).tolist() == [28.0, 4.0, 4.0, 1.0, 1.0]
    assert later_splits(days, splits[:0]).tolist() == [1.0] * 5


@pytest.mark.parametrize(
    ("shown", "ratio", "paid"), [(0.108929, 28, 3.05), (0.117143, 7, 0.82), (0.24, 1, 0.24)]
)
def test_a_dividend_keeps_the_decimals_that_six_leave(shown, ratio, paid):
    """0.108929 is Apple's dividend of 6 November 2013 as Yahoo shows it; 3.05 dollars were paid."""
    dividends = pd.Series([shown], index=pd.to_datetime(["2013-11-06"]))
    splits = pd.Series([float(ratio)], index=pd.to_datetime(["2020-08-31"]))
    assert as_paid(dividends, splits).tolist() == [paid]


def test_numbers_have_seven_significant_digits_and_are_the_nearest_doubles():
    values = [float(np.float32(x)) for x in (129.04, 0.0123, 23.425, 99999.99)]
    assert significant(np.array(values)).tolist() == [129.04, 0.0123, 23.425, 99999.99]
    assert significant(np.array([123_456_789.0, -1.23456789, 0.0])).tolist() == [
        123_456_800.0,
        -1.234568,
        0.0,
    ]
    assert np.isnan(significant(np.array([np.nan]))).all()
    random = np.random.default_rng(5)
    cents = np.round(random.uniform(0.01, 90_000, 5_000), 2)
    assert (significant(cents.astype("float32").astype("float64")) == cents).all()


def test_a_row_without_a_close_is_left_out_and_counted(apple):
    for values in apple["chart"]["result"][0]["indicators"]["quote"][0].values():
        values[4] = None
    bars, odd = read(apple)
    assert len(bars) == len(APPLE) - 1
    assert "2020-08-28" not in bars["date"].dt.strftime("%Y-%m-%d").tolist()
    assert odd == [("2020-08-28", "no_close")]


def test_a_dividend_and_a_split_on_a_day_without_a_bar_go_to_the_next_one(apple):
    quote = apple["chart"]["result"][0]["indicators"]["quote"][0]
    for values in quote.values():
        values[3] = values[5] = None
    bars, odd = read(apple)
    by_day = bars.set_index(bars["date"].dt.strftime("%Y-%m-%d"))
    assert by_day.loc["2020-08-28", "dividend"] == 0.82
    assert by_day.loc["2020-08-28", "close"] == 499.23
    assert by_day.loc["2020-11-06", "split"] == 4.0
    days = ["2020-08-07", "2020-08-31"]
    assert odd == [(day, event) for event in ("no_close", "moved_action") for day in days]


def test_an_action_between_rows_does_not_reach_back_over_its_ex_date(apple):
    """yfinance puts the action of a missing day on the bar before, which would turn 499.23 to 124.81."""
    result = apple["chart"]["result"][0]
    for values in (result["timestamp"], *result["indicators"]["quote"][0].values()):
        del values[5]
    del result["indicators"]["adjclose"][0]["adjclose"][5]
    bars, _ = read(apple)
    assert bars.loc[bars["date"] == "2020-08-28", "close"].tolist() == [499.23]
    assert bars.loc[bars["split"] != 1, "date"].dt.strftime("%Y-%m-%d").tolist() == [
        "2014-06-09",
        "2020-11-06",
    ]


def test_actions_before_the_first_day_asked_for_are_not_put_on_it(apple):
    bars, odd = read(apple, start="2014-06-10")
    assert bars["split"].tolist() == [1.0, 1.0, 4.0, 1.0]
    assert bars["dividend"].tolist() == [0.82, 0.0, 0.0, 0.205]
    assert odd == []


def test_actions_listed_from_before_the_first_bar_stay_out_of_it(apple):
    payload = answer(["2020-08-28", "2020-08-31"], single([124.8075, 129.04]))
    payload["chart"]["result"][0]["events"] = apple["chart"]["result"][0]["events"]
    bars, _ = read(payload, start="2020-08-28")
    assert bars["close"].tolist() == [499.23, 129.04]
    assert bars["split"].tolist() == [1.0, 4.0]
    assert bars["dividend"].tolist() == [0.0, 0.0]


def test_two_dividends_of_one_day_are_added():
    payload = answer(["2024-01-02", "2024-01-03"], [10.0, 11.0])
    moment = seconds("2024-01-03")
    payload["chart"]["result"][0]["events"]["dividends"] = {
        "a": {"date": moment, "amount": 0.1},
        "b": {"date": moment + 60, "amount": 0.2},
    }
    bars, _ = read(payload)
    assert bars["dividend"].tolist() == [0.0, 0.3]


def test_a_volume_that_is_null_stays_unknown_and_is_not_zero(apple):
    apple["chart"]["result"][0]["indicators"]["quote"][0]["volume"][6] = None
    bars, _ = read(apple)
    assert np.isnan(bars["volume"].iloc[-1])
    assert bars["volume"].iloc[:-1].notna().all()


def test_the_row_of_a_session_that_has_not_ended_is_left_out(apple):
    day = "2020-11-06"
    regular = {"start": seconds(day), "end": seconds(day, "16:00")}
    apple["chart"]["result"][0]["meta"]["currentTradingPeriod"] = {"regular": regular}
    at = pd.Timestamp(f"{day} 20:59")
    assert len(read(apple, now=at)[0]) == len(APPLE) - 1
    assert len(read(apple, now=at + pd.Timedelta(minutes=1))[0]) == len(APPLE)
    assert read(apple, now=at)[1] == []


def test_a_day_given_twice_alike_counts_once_and_is_told(apple):
    result = apple["chart"]["result"][0]
    quote = result["indicators"]["quote"][0]
    for values in (result["timestamp"], *quote.values(), result["indicators"]["adjclose"][0]["adjclose"]):
        values.insert(2, values[2])
    bars, odd = read(apple)
    assert bars["close"].tolist() == [row[1] for row in APPLE]
    assert odd == [("2014-06-09", "given_twice")]


def test_days_are_local_to_the_exchange_in_winter_and_summer():
    days = ["2024-03-08", "2024-03-11", "2024-11-01", "2024-11-04"]
    for clock in ("00:00", "09:30", "16:00:01"):
        found = local_days([seconds(day, clock) for day in days], NEW_YORK)
        assert found.strftime("%Y-%m-%d").tolist() == days
    for zone, clock in (("Asia/Tokyo", "09:00"), ("Europe/London", "08:00"), ("Asia/Kolkata", "09:15")):
        found = local_days([seconds(day, clock, zone) for day in days], zone)
        assert found.strftime("%Y-%m-%d").tolist() == days
    assert found.tz is None and found.unit == "us"


def test_a_midnight_that_summer_time_moved_by_an_hour_is_still_the_day():
    stamps = [
        seconds("2024-03-30", "23:00", "Europe/London"),
        seconds("2024-04-01", "00:00", "Europe/London"),
    ]
    assert local_days(stamps, "Europe/London").strftime("%Y-%m-%d").tolist() == ["2024-03-31", "2024-04-01"]


def broken(change):
    payload = answer(
        ["2024-01-02", "2024-01-03", "2024-01-04"], [10.0, 11.0, 12.0], None, [("2024-01-03", 0.1)],
        [("2024-01-04", 2.0, 1.0)],
    )  # fmt: skip
    change(payload["chart"]["result"][0])
    with pytest.raises(BrokenAnswer) as fault:
        chart_of(payload, "AAPL", NEW_YORK, NOW)
    return str(fault.value)


def twice(result):
    result["timestamp"][1] = result["timestamp"][0]


def split(**parts):
    return lambda result: result["events"]["splits"].update(x={"date": 1, **parts})


def foreign(result):
    next(iter(result["events"]["dividends"].values()))["currency"] = "EUR"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda r: r.pop("meta"), "no meta data"),
        (lambda r: r["meta"].pop("currency"), "lack currency"),
        (lambda r: r["meta"].update(exchangeTimezoneName="Asia/Tokyo"), "dated in Asia/Tokyo"),
        (lambda r: r["meta"].update(exchangeTimezoneName="No/Where"), "no time zone that exists"),
        (lambda r: r["meta"].update(exchangeTimezoneName="../etc/passwd"), "no time zone that exists"),
        (lambda r: r["meta"].update(exchangeTimezoneName=5), "no time zone that exists"),
        (lambda r: r["meta"].update(symbol="OTHER"), "another symbol"),
        (lambda r: r["meta"].update(dataGranularity="1wk"), "not daily"),
        (lambda r: r["indicators"].pop("adjclose"), "no adjusted closes"),
        (lambda r: r["indicators"].update(adjclose=[{}]), "no adjusted closes"),
        (lambda r: r["indicators"].update(quote=[{}]), "not as many values of open"),
        (lambda r: r["indicators"]["quote"][0]["low"].pop(), "not as many values of low"),
        (lambda r: r["indicators"]["quote"][0].update(close=["a", 1, 2]), "no numbers"),
        (lambda r: r["indicators"]["quote"][0].update(close=7), "no numbers"),
        (lambda r: r.update(timestamp=["x", 1, 2]), "no numbers"),
        (lambda r: r.update(timestamp=[2**80, 1, 2]), "no numbers"),
        (lambda r: r["events"].update(dividends={"1": {"date": 1}}), "no numbers"),
        (split(numerator=1, denominator=0), "no numbers"),
        (split(numerator=0, denominator=1), "no amount"),
        (foreign, "dividend is in EUR"),
        (twice, "2024-01-02 twice"),
    ],
)  # fmt: skip
def test_an_answer_that_breaks_its_form_is_refused_with_the_reason(change, said):
    assert said in broken(change)


@pytest.mark.parametrize("payload", [None, [], 5, {}, {"chart": None}, {"chart": {"result": []}}])
def test_an_answer_without_a_result_is_refused(payload):
    with pytest.raises(BrokenAnswer, match="no result"):
        chart_of(payload, "AAPL", NEW_YORK, NOW)


def test_the_last_day_may_come_as_a_live_row_of_its_own():
    payload = answer(["2024-01-02", "2024-01-03", "2024-01-03"], [10.0, 11.0, 11.2])
    assert len(chart_of(payload, "AAPL", NEW_YORK, NOW).rows) == 3


def test_an_index_may_be_dated_in_a_zone_of_its_own():
    payload = answer(["2024-01-02"], [4.3], zone="America/Chicago", symbol="^TNX")
    assert chart_of(payload, "^TNX", NEW_YORK, NOW).rows["date"].tolist() == [pd.Timestamp("2024-01-02")]


def test_an_answer_without_days_is_an_empty_chart():
    payload = answer([], [])
    del payload["chart"]["result"][0]["timestamp"]
    payload["chart"]["result"][0]["indicators"] = {"quote": [{}], "adjclose": [{}]}
    assert chart_of(payload, "AAPL", NEW_YORK, NOW).rows.empty


def test_a_number_that_is_not_finite_is_no_price():
    rows = chart_of(answer(["2024-01-02", "2024-01-03"], [float("inf"), 11.0]), "AAPL", NEW_YORK, NOW).rows
    assert rows["close"].isna().tolist() == [True, False]


def test_what_a_repair_would_change_is_told_cell_by_cell_as_traded(apple):
    history = history_of(apple)
    repaired = history.copy()
    repaired.iloc[1, repaired.columns.get_loc("Close")] /= 100
    repaired.iloc[6, repaired.columns.get_loc("High")] = 120.0
    repaired.iloc[2, repaired.columns.get_loc("Stock Splits")] = 2.0
    chart = chart_of(apple, "AAPL", NEW_YORK, NOW)
    found = repairs_of(history, repaired, chart, "AAPL", date(2014, 1, 1), date(2020, 11, 5))
    cells = found.set_index(found["date"].dt.strftime("%Y-%m-%d") + " " + found["column"])
    assert cells[["before", "after"]].T.to_dict("list") == {
        "2014-06-06 close": [645.57, 6.4557],
        "2014-06-09 split": [1.0, 2.0],
    }
    assert set(found["symbol"]) == {"AAPL"}
    assert frame_of("repairs", [found]).columns.tolist() == ["symbol", "date", "column", "before", "after"]


def test_a_repair_that_changes_nothing_gives_no_rows(apple):
    chart = chart_of(apple, "AAPL", NEW_YORK, NOW)
    same = repairs_of(history_of(apple), history_of(apple), chart, "AAPL", date(2000, 1, 1), date(2030, 1, 1))
    assert same.empty


@pytest.mark.parametrize(
    ("said", "kind"),
    [("EQUITY", "stock"), ("ETF", "etf"), ("INDEX", "index"), ("MUTUALFUND", "fund"), ("OPTION", "option")],
)
def test_a_profile_has_our_kind_and_plain_text(said, kind):
    info = {
        "quoteType": said,
        "longName": "<img src=x onerror=alert(1)>\n\x07 \u202eCorp",
        "sector": "  Technology\t ",
        "industry": {"raw": 1},
        "currency": "USD",
        "exchange": "NMS",
        "exchangeTimezoneName": NEW_YORK,
    }
    row = profile_of(info, "X").iloc[0]
    assert row["kind"] == kind
    assert row["name"] == "<img src=x onerror=alert(1)> Corp"
    assert row["sector"] == "Technology"
    assert pd.isna(row["industry"])
    assert (row["currency"], row["exchange"], row["timezone"]) == ("USD", "NMS", NEW_YORK)


def test_the_short_name_stands_in_for_a_long_one():
    assert profile_of({"quoteType": "ETF", "shortName": "S"}, "X").iloc[0]["name"] == "S"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"marketCap": 3_760_000_000_000, "currency": "USD"}, 3.76e12),
        ({"marketCap": 3_760_000_000_000, "currency": "GBp"}, None),
        ({"marketCap": 3_760_000_000_000, "currency": "ILA"}, None),
        ({"marketCap": 3_760_000_000_000}, None),
        ({"marketCap": 3_760_000_000_000, "currency": "USD", "quoteType": "ETF"}, None),
        *[
            ({"marketCap": odd, "currency": "USD"}, None)
            for odd in (0, -1, True, "3.76T", float("inf"), None)
        ],
    ],
)
def test_a_market_capitalisation_is_a_company_s_in_the_currency_of_its_prices_or_null(said, expected):
    found = profile_of({"quoteType": "EQUITY", **said}, "X").iloc[0]["market_cap"]
    assert found == expected if expected else pd.isna(found)


@pytest.mark.parametrize("said", ["CRYPTOCURRENCY", "", None, 7])
def test_a_kind_that_we_do_not_hold_is_refused(said):
    with pytest.raises(BrokenAnswer, match="does not hold"):
        profile_of({"quoteType": said}, "X")


def test_text_is_one_line_of_at_most_two_hundred_characters():
    assert plain("a\r\nb  c\x00") == "a b c"
    assert len(plain("x" * 10_000)) == 200
    assert plain(" \n ") is None and plain(5) is None


def chain(*contracts, traded="2024-06-28 19:59"):
    rows = [
        {
            "contractSymbol": contract,
            "lastTradeDate": pd.Timestamp(traded, tz="UTC"),
            "strike": 1.0,
            "lastPrice": 3.0,
            "bid": 2.9,
            "ask": "x" if contract.startswith("B") else 3.1,
            "volume": None,
            "openInterest": 7,
        }
        for contract in contracts
    ]
    return pd.DataFrame(rows)


def test_quotes_take_what_a_contract_is_from_its_symbol():
    calls, puts = chain("A240719C00150000", "A240719C00150000"), chain("A240719P00012500")
    quotes = quotes_of(calls, puts, "A", date(2024, 7, 19), NEW_YORK)
    assert quotes["contract"].tolist() == ["A240719C00150000", "A240719P00012500"]
    assert quotes["strike"].tolist() == [150.0, 12.5]
    assert quotes["right"].tolist() == ["C", "P"]
    assert quotes["bid"].tolist() == [2.9, 2.9] and quotes["volume"].isna().all()
    assert quotes["last_trade_date"].tolist() == [pd.Timestamp("2024-06-28")] * 2


def test_the_last_trade_is_dated_in_the_exchange_s_zone():
    late = chain("A240719C00150000", traded="2024-06-29 01:00")
    quotes = quotes_of(late, None, "A", date(2024, 7, 19), NEW_YORK)
    assert quotes["last_trade_date"].tolist() == [pd.Timestamp("2024-06-28")]


def test_contracts_of_another_expiry_or_without_sense_are_left_out():
    calls = chain("B240719C00150000", "A240726C00150000", "nonsense", "A240732C00150000")
    quotes = quotes_of(calls, None, "B", date(2024, 7, 19), NEW_YORK)
    assert quotes["contract"].tolist() == ["B240719C00150000"]
    assert quotes["ask"].isna().all()
    with pytest.raises(BrokenAnswer, match="no option of the expiry"):
        quotes_of(calls, None, "B", date(2024, 8, 16), NEW_YORK)
    assert quotes_of(None, calls[:0], "B", date(2024, 8, 16), NEW_YORK).empty


def call(status=200, body="", **parts):
    return Call("/v8/finance/chart/A", status, body=body.encode(), **parts)


def said(code, description):
    return json.dumps({"chart": {"result": None, "error": {"code": code, "description": description}}})


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (call(None, fault="Timeout"), "transport"),
        (call(429), "limited"),
        (call(500, said("Not Found", "No data found, symbol may be delisted")), "transport"),
        (call(503, "<html>"), "transport"),
        (call(200, "<html>Will be right back</html>"), "transport"),
        (call(200, "<!DOCTYPE html><html></html>"), "transport"),
        (call(200, '{"chart": {"result": [{"met'), "transport"),
        (call(200, ""), "transport"),
        (call(200, "Edge: not found"), "transport"),
        (call(404, "<html>nothing here</html>"), "transport"),
        (call(404, "{}"), "transport"),
        (call(401, said("Unauthorized", "Invalid Crumb")), "transport"),
        (call(403, "Forbidden"), "transport"),
        (call(200, said("Unauthorized", "Invalid Crumb")), "transport"),
        (call(404, said("Not Found", "No data found, symbol may be delisted")), "unknown"),
        (call(200, said("Not Found", "")), "unknown"),
        (call(404, '{"quoteSummary":{"result":null,"error":"gone"}}'), "unknown"),
        (call(400, said("Bad Request", "Data doesn't exist for startDate = 1, endDate = 2")), "empty"),
        (call(422, said("Unprocessable Entity", "1d data not available")), "invalid"),
        (call(200, '{"chart":{"result":[{}],"error":null}}'), "ok"),
        (call(200, "[]"), "ok"),
    ],
)
def test_the_status_and_the_body_say_how_a_call_ended(end, status):
    assert status_of(end).status == status


def test_a_crumb_that_was_refused_makes_unauthorised_answers_limited():
    assert status_of(call(401, said("Unauthorized", "Invalid Crumb")), refused=True).status == "limited"
    assert status_of(call(500), refused=True).status == "transport"


def test_what_yahoo_says_is_quoted_on_one_line():
    detail = status_of(call(422, said("x", "a\n<b>" + "y" * 900))).detail
    assert detail.startswith("Yahoo says: a <b>y") and len(detail) < 150


@pytest.mark.parametrize(
    "symbol", ["AAPL", "BRK-B", "^TNX", "RELIANCE.NS", "EURUSD=X", "GOOGL240119C00150000", "0700.HK"]
)
def test_symbols_that_yahoo_uses_may_be_sent(symbol):
    assert refusal(symbol) == ""


@pytest.mark.parametrize(
    "symbol",
    ["", "aapl", "A B", "../../x?y=1", "A/B", "A..B", "A?B", "A#B", "A%2F", "A\n", "ＡＡ", "A" * 25, "A\x00"],
)
def test_what_could_lead_a_request_elsewhere_is_no_symbol(symbol):
    assert "not a symbol" in refusal(symbol)


def test_an_isin_is_refused_since_yfinance_would_ask_for_something_else():
    assert "ISIN" in refusal("US0378331005")


@pytest.mark.parametrize(
    "parts",
    [
        {"kind": "news"},
        {"kind": "bars"},
        {"kind": "bars", "start": date(2024, 1, 2)},
        {"kind": "bars", "start": date(2024, 1, 2), "end": date(2024, 1, 1)},
        {"kind": "chain"},
    ],
)
def test_a_question_without_its_parts_is_a_fault_of_the_program(parts):
    with pytest.raises(ValueError, match=r"kind|need"):
        Ask("AAPL", **parts)


def test_a_question_survives_the_way_to_the_worker():
    ask = Ask("AAPL", "bars", date(2024, 1, 2), date(2024, 2, 3))
    assert Ask.of(json.loads(json.dumps(ask.as_dict()))) == ask
    chain_ask = Ask("AAPL", "chain", expiry=date(2024, 1, 19))
    assert Ask.of(json.loads(json.dumps(chain_ask.as_dict()))) == chain_ask


def test_answers_are_not_changed_by_reading_them(apple):
    before = copy.deepcopy(apple)
    read(apple)
    assert apple == before
