"""How much of a book has a price: what counts, how what has none is sized, and when the book is stopped."""

import numpy as np
import pandas as pd
import pytest
from book_worlds import AS_OF, HEADER, instruments, prices, read, value

from lib.contracts import empty
from lib.errors import InputError, QualityError, SourceLimited, SourceUnreachable
from lib.portfolio.foretelling import priced
from lib.portfolio.pages import positions as page
from lib.portfolio.priced_share import priced_share, require_priced, sized
from lib.tables import TABLES

BARS = [("AAPL", "2022-12-27", 100.0), ("AAPL", AS_OF, 110.0), ("OLD", "2022-11-01", 30.0)]
LINES = [
    "AAPL,-10,90,2022-01-03",
    "OLD,10,7,2022-01-03",
    "KEPT,10,7,2022-01-03",
    "NEW,-10,20,2022-12-28",
]
LOG = {"AAPL": "ok", "OLD": "ok", "KEPT": "limited", "NEW": "unknown"}


def asked(**states):
    """A table raw_sync_log of these states."""
    return pd.DataFrame({"symbol": list(states), "status": list(states.values())})


def held_before(**closes):
    """A table snapshot_positions: ten of each symbol, entered on 3 January, at these prices."""
    frame = empty(TABLES["snapshot_positions"]).reindex(range(len(closes)))
    return frame.assign(
        snapshot_date=pd.Timestamp("2022-12-27"),
        position_id=[f"{symbol}-2022-01-03" for symbol in closes],
        price=list(closes.values()),
        change="held",
    )


def book(folder, lines=LINES, bars=BARS, history=None, log=LOG, **more):
    positions, _ = value(folder, lines, bars, **more)
    history = held_before(KEPT=8.0, OLD=31.0) if history is None else history
    return sized(positions.reset_index(drop=True), prices(bars), history, asked(**log))


def test_what_has_no_price_is_sized_by_the_nearest_price_there_is_and_shorts_count_by_their_size(tmp_path):
    book_of_four = book(tmp_path)
    sizes = book_of_four.set_index("symbol")
    assert sizes["size"].to_dict() == {"AAPL": 1100.0, "OLD": 300.0, "NEW": 200.0, "KEPT": 80.0}
    assert sizes["measure"].to_dict() == {
        "AAPL": "today",
        "OLD": "older price",
        "NEW": "entry price",
        "KEPT": "last snapshot",
    }
    assert sizes["share"].sum() == pytest.approx(1.0)
    assert priced_share(book_of_four) == pytest.approx(1100 / 1680)
    assert page.priced_sentence(book_of_four) == (
        "65.5% of the exposure of the book has a price; without one: OLD (no sound price within seven days), "
        "17.9% by an older price, NEW (not known to the source), 11.9% by its entry price and KEPT (refused "
        "for now), 4.8% by the price of the last snapshot."
    )
    table = page.by_measure(book_of_four)
    assert table["positions"].tolist() == [1, 1, 1, 1]
    assert table["size"].sum() == pytest.approx(1680)
    assert table["measure"].iloc[0] == "price of today"


def test_a_valuation_by_hand_is_a_price_and_a_share_in_other_money_is_no_part_of_the_rule(tmp_path):
    lines = ["AAPL,10,90,2022-01-03,,", "HOME,1,500,2022-01-03,900,2022-12-01", "SAP,10,100,2022-01-03,,"]
    bars = [*BARS, ("SAP", AS_OF, 100.0)]
    known = instruments(AAPL="USD", SAP="EUR")
    sizes = book(tmp_path, lines, bars, header=f"{HEADER},price,price_date", known=known)
    assert set(sizes["symbol"]) == {"AAPL", "HOME"}
    assert priced_share(sizes) == 1.0
    assert page.priced_sentence(sizes) == "Every holding has a price."


@pytest.mark.parametrize(("size", "stops"), [(5, False), (6, True)])
def test_the_least_share_itself_is_enough_and_less_is_not(tmp_path, size, stops):
    """However many symbols lack a price: it is their part of the exposure that counts."""
    lines = ["AAPL,95,90,2022-01-03", *[f"NO{n},{size},22,2022-01-03" for n in range(5)]]
    sizes = book(tmp_path, lines, [("AAPL", AS_OF, 110.0)], log={f"NO{n}": "missing" for n in range(5)})
    assert priced_share(sizes) == pytest.approx(9500 / (9500 + 100 * size) if size == 5 else 9500 / 10100)
    told = page.priced_sentence(sizes)
    if not stops:
        require_priced(sizes, min_coverage=0.95, told=told)
        return
    with pytest.raises(
        QualityError, match=r"^94\.1% of the exposure .*; without one: NO0 .* 95\.0% is needed\."
    ):
        require_priced(sizes, min_coverage=0.95, told=told)


@pytest.mark.parametrize(
    ("state", "kind", "mend"),
    [
        ("limited", SourceLimited, "run again later"),
        ("transport", SourceUnreachable, "once it does"),
        ("unknown", QualityError, "ask it anew with --refresh, or lower min_coverage."),
        ("missing", QualityError, "take a day that the data reach, or lower min_coverage."),
    ],
)
def test_the_refusal_says_whose_fault_it_is(tmp_path, state, kind, mend):
    sizes = book(tmp_path, ["AAPL,1,90,2022-01-03", "NO,1,90,2022-01-03"], log={"NO": state})
    with pytest.raises(kind) as fault:
        require_priced(sizes, min_coverage=0.95, told="")
    assert fault.type is kind
    assert mend in str(fault.value)


def test_a_book_of_nothing_stops_for_nothing(tmp_path):
    sizes = book(tmp_path, ["AAPL,1,90,2022-01-03"]).iloc[:0]
    assert np.isnan(priced_share(sizes))
    require_priced(sizes, min_coverage=1.0, told="")
    assert page.priced_sentence(sizes) == "Nothing is held whose price could be missing."
    assert page.by_measure(sizes)["positions"].tolist() == [0]


@pytest.mark.parametrize(
    ("lines", "least", "stops"), [(LINES, 0.6, False), (LINES, 0.7, True), (LINES[:1], 1.0, False)]
)
def test_a_stop_is_foretold_from_raw_bars_and_bars_that_cannot_be_right_give_no_price(
    tmp_path, lines, least, stops
):
    read(tmp_path, *lines)
    history = tmp_path / "history.parquet"
    held_before(KEPT=8.0, OLD=31.0).to_parquet(history)
    raw = prices([*BARS, ("NEW", "2022-12-27", 20.0)])
    raw["close"] = raw["close"].mask(raw["symbol"] == "NEW", -1.0)
    request = {
        "as_of": AS_OF,
        "task": "portfolio/positions@one",
        "params_file": "params.yaml",
        "settings": {
            "as_of": AS_OF,
            "cash": 0.0,
            "currency": "USD",
            "exchange": "XNYS",
            "min_coverage": least,
        },
        "files": {"positions_file": {"path": str(tmp_path / "book.csv"), "name": "book.csv"}},
        "histories": {"snapshot_positions": str(history)},
        "tables": {
            "raw_prices": pd.concat([raw, raw]),
            "raw_instruments": instruments(AAPL="USD", OLD="USD"),
            "raw_sync_log": asked(**LOG),
        },
    }
    if not stops:
        assert priced(request) == {}
        return
    with pytest.raises(
        InputError, match=r"^params\.yaml: data: portfolio/positions@one would stop: 65\.5% of"
    ):
        priced(request)
