"""The embedded sample against facts that anyone can look up, and the demonstration portfolios on it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.contracts import conform
from lib.errors import InputError
from lib.market import calendar, occ
from lib.market.providers import prepare
from lib.market.sample import convert, options, provider, universe
from lib.pricing import black_scholes
from lib.tables import TABLES

ROOT = Path(__file__).resolve().parents[2]
STOCKS = [company.symbol for company in universe.COMPANIES]
EVERYTHING = [*STOCKS, *universe.FUNDS, *universe.INDICES]
CALL = "AAPL230616C00150000"


def ask(*symbols, as_of="2022-12-28"):
    request = {
        "as_of": as_of,
        "settings": {"provider": "sample"},
        "symbols": list(symbols),
        "params_file": "p.yaml",
    }
    return prepare(request)


@pytest.fixture(scope="module")
def whole():
    return ask(*EVERYTHING, CALL)


@pytest.fixture(scope="module")
def closes(whole):
    return whole["raw_prices"].pivot_table(index="date", columns="symbol", values="close")


def test_the_sample_holds_twenty_stocks_five_funds_and_the_index(whole):
    assert len(STOCKS) == 20
    log = whole["raw_sync_log"].set_index("symbol")
    assert (log["status"] == "ok").all()
    assert len(log) == 27
    assert (log.loc[[*STOCKS, "SP500"], "first_date"] == pd.Timestamp("1990-01-02")).all()
    assert (log.loc[list(universe.FUNDS), "first_date"] == pd.Timestamp("2014-01-02")).all()
    assert (log["last_date"] == pd.Timestamp("2022-12-28")).all()


def test_prices_are_those_of_history(closes):
    daily = closes.pct_change(fill_method=None)
    assert daily.loc["2020-03-16", "AAPL"] == pytest.approx(-0.1286, abs=5e-4)
    assert daily.loc["2020-03-16", "SP500"] == pytest.approx(-0.1198, abs=5e-5)
    assert closes.loc["2022-12-28", "SP500"] == 3783.22
    assert closes.loc["2020-02-19", "SP500"] == 3386.15
    assert closes.loc["2002-10-09", "SP500"] / closes.loc["2000-03-24", "SP500"] - 1 == pytest.approx(
        -0.49147, abs=1e-5
    )
    assert closes.loc["2009-03-09", "SP500"] == 676.53
    assert closes.loc["2022-12-28", "AAPL"] == 125.674
    assert closes.index.equals(calendar.sessions("1990-01-02", "2022-12-28"))


def test_stocks_are_adjusted_for_dividends_and_the_index_is_not(closes):
    printed_before, printed, dividend = 138.88, 138.38, 0.23
    ratio = closes.loc["2022-11-04", "AAPL"] / closes.loc["2022-11-03", "AAPL"]
    assert ratio == pytest.approx(printed / (printed_before - dividend), abs=2e-5)
    assert abs(ratio - printed / printed_before) > 1e-3


def test_real_prices_say_that_they_are_adjusted_and_what_is_unknown_is_null(whole):
    real = whole["raw_prices"].query("origin == 'real'")
    assert set(real["symbol"]) == set(EVERYTHING)
    assert set(real["price_basis"]) == {"adjusted"}
    assert (real["close"] == real["adj_close"]).all()
    assert real[["open", "high", "low", "volume", "dividend", "split"]].isna().all().all()


def test_every_table_conforms_and_keeps_its_order(whole):
    for name, frame in whole.items():
        pd.testing.assert_frame_equal(frame, conform(frame, TABLES[name]))
    again = ask(*reversed([*EVERYTHING, CALL]))
    for name, frame in whole.items():
        pd.testing.assert_frame_equal(frame, again[name])


def test_only_asked_symbols_and_the_underlyings_of_options_come():
    got = ask("KO", "AAPL  230616C00150000")
    assert set(got["raw_prices"]["symbol"]) == {"KO", "AAPL", CALL}
    assert set(got["raw_implied_vols"]["symbol"]) == {"KO", "AAPL"}
    assert set(got["raw_instruments"]["symbol"]) == {"KO", "AAPL", CALL}
    assert got["raw_sync_log"]["symbol"].tolist() == ["AAPL", CALL, "KO"]


def test_no_table_has_a_day_after_as_of_and_the_past_does_not_change():
    earlier, later = ask("AAPL", CALL, as_of="2022-06-30"), ask("AAPL", CALL)
    for name in ("raw_prices", "raw_yields", "raw_implied_vols"):
        assert earlier[name]["date"].max() == pd.Timestamp("2022-06-30")
        known = later[name][later[name]["date"] <= "2022-06-30"].reset_index(drop=True)
        pd.testing.assert_frame_equal(earlier[name], known)


def test_a_dividend_yield_is_not_known_before_its_day():
    def yields(as_of):
        return ask("KO", as_of=as_of)["raw_instruments"]["dividend_yield"]

    assert yields("2022-12-14").isna().all()
    assert yields("2022-12-15").tolist() == [0.028]


def test_symbols_that_are_not_held_are_missing_with_a_reason():
    log = ask("AAPL", "NFLX", "NFLX230616C00300000", "AAPL231345C00100000")["raw_sync_log"].set_index(
        "symbol"
    )
    assert log["status"].to_dict() == {
        "AAPL": "ok",
        "AAPL231345C00100000": "missing",
        "NFLX": "missing",
        "NFLX230616C00300000": "missing",
    }
    assert log.loc["NFLX", "detail"] == provider.NOT_HELD
    assert log.loc["NFLX230616C00300000", "detail"] == provider.NO_OPTION
    assert log.loc["AAPL231345C00100000", "detail"] == "BAD_OCC_DATE"


def test_an_as_of_date_before_the_data_names_the_first_possible_one():
    with pytest.raises(InputError) as fault:
        ask("AAPL", as_of="2009-12-31")
    assert str(fault.value) == (
        "p.yaml: as_of: 2009-12-31 lies before the data; the first date possible is 2010-01-04"
    )


def test_generated_yields_follow_history_and_are_marked(whole):
    yields = whole["raw_yields"]
    assert set(yields["origin"]) == {"generated"}
    wide = yields.pivot_table(index="date", columns="tenor", values="rate")
    assert wide.min().min() >= 0.0001
    assert wide.loc["2010":"2015", "3M"].max() < 0.004
    assert wide.loc["2018-12-31", "3M"] == pytest.approx(0.024, abs=0.002)
    assert wide.loc["2020-12-31", "3M"] < 0.002
    last = wide.loc["2022-12-28"]
    assert last["3M"] > 0.04
    assert last["3M"] > last["2Y"] > last["10Y"]
    assert (wide * 1e4).round(6).mod(1).eq(0).all().all()


def test_generated_volatilities_know_only_the_past(whole):
    vols = whole["raw_implied_vols"]
    assert set(vols["origin"]) == {"generated"}
    level = vols[vols["strike"].isna()].pivot_table(index="date", columns="symbol", values="implied_vol")
    assert level.loc["2020-03-20", "SP500"] > 0.5 > 0.2 > level.loc["2017-07-14", "SP500"]
    assert level.loc["2022-12-28", "AMD"] > level.loc["2022-12-28", "JNJ"]
    assert level.loc["2020-02-19", "SP500"] < 0.2


def test_an_option_price_is_black_scholes_at_the_stored_inputs(whole, closes):
    option = occ.parse(CALL)
    days = pd.Timestamp(option.expiry) - pd.Timestamp("2022-12-28")
    vols = whole["raw_implied_vols"]
    vol = vols[(vols["strike"] == 150) & (vols["date"] == "2022-12-28")]["implied_vol"].item()
    yields = whole["raw_yields"].groupby("tenor")["rate"].last()
    dividends = whole["raw_instruments"].set_index("symbol")["dividend_yield"]
    expected = black_scholes.price(
        spot=closes.loc["2022-12-28", "AAPL"],
        strike=150.0,
        years=days.days / 365,
        rate=np.log1p(yields["3M"]),
        volatility=vol,
        right="C",
        dividend_yield=dividends["AAPL"],
    )
    bars = whole["raw_prices"].query(f"symbol == '{CALL}'")
    assert bars["close"].iloc[-1] == pytest.approx(float(expected), abs=5e-5)
    assert set(bars["origin"]) == {"constructed"}
    assert bars["date"].iloc[0] == pd.Timestamp("2021-12-15")


def test_an_expired_option_ends_at_its_intrinsic_value(closes):
    bars = ask("AAPL220617P00150000")["raw_prices"].query("symbol != 'AAPL'")
    assert bars["date"].iloc[-1] == pd.Timestamp("2022-06-17")
    assert bars["close"].iloc[-1] == pytest.approx(150 - closes.loc["2022-06-17", "AAPL"], abs=5e-5)
    worthless = ask("AAPL220617C00300000")["raw_prices"].query("symbol != 'AAPL'")
    assert worthless["close"].iloc[-1] == options.TICK


def test_the_nearest_tenor_of_a_time_is_taken():
    assert options.nearest_tenor(np.array([0.0, 0.5, 1.12, 1.13, 5.9, 6.1, 40])).tolist() == [
        0,
        0,
        0,
        1,
        1,
        2,
        3,
    ]


def test_the_files_are_small_and_another_input_is_refused(tmp_path):
    assert sum(path.stat().st_size for path in provider.DATA.glob("*.parquet")) < 2_000_000
    for name in convert.SHA256:
        (tmp_path / name).write_bytes(b"other")
    with pytest.raises(InputError, match=r"sp500_dataset.csv.gz: another content"):
        convert.main(str(tmp_path))


NAV = {
    "individual": (485_000, 12_000),
    "high-net-worth": (2_850_000, 85_500),
    "long-short": (3_200_000, 1_290_000),
}


@pytest.mark.parametrize("book", NAV)
def test_a_demonstration_portfolio_fits_the_sample(book):
    rows = pd.read_csv(ROOT / "params" / "portfolios" / f"{book}.csv", parse_dates=["entry_date"])
    manual = rows["price"].notna() if "price" in rows else pd.Series(False, index=rows.index)
    held = rows[~manual]
    got = ask(*held["ticker"])
    assert (got["raw_sync_log"]["status"] == "ok").all()
    close = got["raw_prices"].set_index(["symbol", "date"])["close"]
    entry = close.loc[list(zip(held["ticker"], held["entry_date"], strict=True))].to_numpy()
    assert (held["entry_price"] / entry).between(0.99, 1.01).all()
    assert rows["entry_date"].between("2017-12-28", "2022-12-28").all()
    price = close.groupby(level="symbol").last().reindex(held["ticker"]).to_numpy()
    multiplier = np.where(occ.parse_all(held["ticker"])["strike"].notna(), 100, 1)
    nav, cash = NAV[book]
    value = (held["quantity"] * price * multiplier).sum()
    value += (rows.loc[manual, "quantity"] * rows.loc[manual, "price"]).sum() if manual.any() else 0.0
    assert value + cash == pytest.approx(nav, rel=1e-3)


def test_the_long_short_book_has_every_kind_of_position():
    rows = pd.read_csv(ROOT / "params" / "portfolios" / "long-short.csv")
    right = occ.parse_all(rows["ticker"])["right"].fillna("stock")
    kinds = set(zip(right, np.sign(rows["quantity"]), strict=True))
    assert kinds == {(kind, sign) for kind in ("stock", "C", "P") for sign in (1, -1)}
