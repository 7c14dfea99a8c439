"""The price store against a naive model of itself, and against a disk that cannot be trusted."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from lib import disk
from lib.errors import ContractError, StoreError
from lib.market.store import PriceStore, files, index, writing
from lib.market.store.tables import BARS, EVENTS, INSTRUMENTS, SERIES, SMALL, checked, typed_empty

ROOT = Path(__file__).resolve().parents[2]
PRICES = ["open", "high", "low", "close", "volume"]
STRIDE, FIRST_PAGES = 7, 64
FIRST = pd.Timestamp("2025-01-02 18:00")
LATER = pd.Timestamp("2025-02-03 18:00")


def bars(symbols, first="2024-01-01", last="2024-01-31", *, seed=1, fetched=FIRST):
    """A bar for each symbol and weekday, with some values missing."""
    days = pd.bdate_range(first, last, unit="us")
    rng = np.random.default_rng(seed)
    rows = len(symbols) * len(days)
    frame = pd.DataFrame({"symbol": np.repeat(symbols, len(days)), "date": np.tile(days, len(symbols))})
    frame = frame.assign(**{name: rng.uniform(1, 100, rows).round(2) for name in PRICES})
    frame.loc[rng.random(rows) < 0.05, ["open", "volume"]] = np.nan
    frame["dividend"], frame["split"] = np.where(rng.random(rows) < 0.02, 0.25, 0.0), 1.0
    frame["source"], frame["origin"] = "yahoo", "real"
    return checked(frame.assign(fetched_at=fetched), BARS)


def put(store, frame):
    with store.writing() as writer:
        writer.put(frame)
    return store


def same(found, expected):
    pd.testing.assert_frame_equal(found, expected.reset_index(drop=True), check_exact=True)


def pivoted(frame, column):
    return frame.pivot(index="date", columns="symbol", values=column)  # noqa: PD010


def names(store):
    return {one.name for one in store.snapshot().index.files()}


@pytest.fixture
def store(tmp_path):
    return PriceStore(tmp_path / "prices")


@pytest.fixture
def crowded(monkeypatch):
    """Files and row groups of a few rows, so that a small world has many."""
    monkeypatch.setattr(writing, "BUCKET_ROWS", 60)
    monkeypatch.setattr(files, "GROUP_ROWS", 16)


def test_what_is_put_is_read_back_to_the_last_digit(store):
    frame = bars(["AAA", "B.C-D", "Ä^€", "BRK250117C00150000"], "2013-12-20", "2024-02-10")
    put(store, frame.sample(frac=1, random_state=3))
    expected = frame.sort_values(["symbol", "date"])
    same(store.bars(), expected)
    same(store.bars("AAA"), expected[expected["symbol"] == "AAA"])
    chosen = store.bars(["AAA", "B.C-D"], start="2014-03-03", end=pd.Timestamp("2020-03-02"), columns=["low"])
    kept = expected["symbol"].isin(["AAA", "B.C-D"]) & expected["date"].between("2014-03-03", "2020-03-02")
    same(chosen, expected.loc[kept, ["symbol", "date", "low"]])
    assert chosen["date"].min() == pd.Timestamp("2014-03-03")


def test_the_types_are_those_of_the_contract(store):
    put(store, bars(["AAA"]))
    for frame in (store.bars(), typed_empty(BARS), store.bars("ZZZ"), store.day("2024-01-02")):
        kinds = {str(dtype) for name, dtype in frame.dtypes.items() if name in ("symbol", "source", "origin")}
        assert kinds == {"str"}
        assert {str(frame[name].dtype) for name in ("date", "fetched_at")} == {"datetime64[us]"}
        assert {str(frame[name].dtype) for name in (*PRICES, "dividend", "split")} == {"float64"}


def test_an_empty_store_answers_with_typed_empty_tables(store):
    assert store.version() == ""
    assert not store.folder.exists()
    same(store.bars(), typed_empty(BARS))
    same(store.bars("AAA", columns=["close"]), typed_empty(BARS)[["symbol", "date", "close"]])
    same(store.day("2024-01-02"), typed_empty(BARS))
    same(store.series(), typed_empty(SERIES))
    same(store.instruments(), typed_empty(INSTRUMENTS))
    same(store.events(), typed_empty(EVENTS))
    same(store.events(["AAA"]), typed_empty(EVENTS))
    assert store.damage().empty
    assert store.wide().shape == (0, 0)


def test_unknown_symbols_and_empty_ranges_are_no_rows(store):
    put(store, bars(["BBB", "DDD"]))
    for symbols in (["AAA"], ["CCC"], ["ZZZ"], [], "EEE"):
        same(store.bars(symbols), typed_empty(BARS))
        wide = store.wide("close", symbols)
        assert wide.shape == (0, 0)
        assert str(wide.index.dtype) == "datetime64[us]"
        assert str(wide.columns.dtype) == "str"
    same(store.bars(start="2024-02-01"), typed_empty(BARS))
    same(store.bars(end="1999-12-31"), typed_empty(BARS))
    same(store.bars(start="2024-01-20", end="2024-01-10"), typed_empty(BARS))
    assert list(store.bars(["AAA", "DDD"])["symbol"].unique()) == ["DDD"]


@pytest.mark.parametrize("start, end", [(None, None), ("2023-06-05", "2024-01-03"), ("2024-01-02", None)])
@pytest.mark.parametrize("column", ["close", "open", "split"])
def test_a_wide_table_is_the_pivot_of_the_long_one(store, crowded, column, start, end):
    frame = pd.concat(
        [bars(["AAA", "CCC"], "2019-12-20", "2020-01-10"), bars(["CCC", "BBB", "E"], "2023-12-20")]
    )
    put(store, frame)
    for symbols in (None, ["CCC", "AAA", "nobody"], "E"):
        long = store.bars(symbols, start=start, end=end)
        found = store.wide(column, symbols, start=start, end=end)
        pd.testing.assert_frame_equal(found, pivoted(long, column), check_exact=True)


@pytest.mark.parametrize("seed", range(6))
def test_a_wide_table_of_bars_full_of_holes_is_still_the_pivot(store, crowded, seed):
    rng = np.random.default_rng(seed)
    everybody = [f"S{number}" for number in range(15)]
    frame = bars(everybody, "2019-12-01", "2020-02-20", seed=seed)
    frame = frame[rng.random(len(frame)) < rng.choice([0.1, 0.5, 0.95])]
    frame = frame[frame["date"] != "2020-01-15"].assign(low=np.nan)
    put(store, frame)
    for _ in range(8):
        symbols = None if rng.random() < 0.3 else list(rng.choice(everybody, rng.integers(1, 6)))
        start, end = (pd.Timestamp("2019-12-01") + pd.Timedelta(days=int(d)) for d in rng.integers(0, 80, 2))
        long = store.bars(symbols, start=start, end=end)
        for column in ("open", "low"):
            found = store.wide(column, symbols, start=start, end=end)
            pd.testing.assert_frame_equal(found, pivoted(long, column), check_exact=True)


def test_a_day_is_the_rows_of_that_day(store, crowded):
    frame = put(store, bars(["AAA", "CCC", "BBB"], "2023-12-01")).bars()
    same(store.day("2024-01-03"), frame[frame["date"] == "2024-01-03"])
    same(
        store.day("2023-12-04", ["close"]),
        frame.loc[frame["date"] == "2023-12-04", ["symbol", "date", "close"]],
    )


class Model:
    """The store as a dictionary, row by row."""

    def __init__(self):
        self.rows = {}

    def put(self, frame):
        for row in frame.itertuples(index=False):
            old = self.rows.get(row[:2])
            alike = old and all(
                a == b or (a != a and b != b) for a, b in zip(old[:-1], row[:-1], strict=True)
            )
            self.rows[row[:2]] = old if alike else row

    def replace(self, symbols, frame):
        keys = set(zip(frame["symbol"], frame["date"], strict=True))
        self.rows = {key: row for key, row in self.rows.items() if key[0] not in symbols or key in keys}
        self.put(frame)

    def frame(self):
        rows = [self.rows[key] for key in sorted(self.rows)]
        return checked(pd.DataFrame(rows, columns=BARS.column_names), BARS)


@pytest.mark.parametrize("seed", range(12))
def test_any_sequence_of_writes_gives_what_a_dictionary_would_hold(store, crowded, monkeypatch, seed):
    rng = np.random.default_rng(seed)
    monkeypatch.setattr(writing, "WAITING_ROWS", int(rng.integers(20, 300)))
    model, everybody = Model(), [f"S{number:02d}" for number in range(12)]
    for commit in range(8):
        with store.writing() as writer:
            for _ in range(rng.integers(1, 4)):
                some = sorted(rng.choice(everybody, rng.integers(1, 5), replace=False))
                first = pd.Timestamp("2017-11-01") + pd.Timedelta(
                    days=int(rng.integers(0, 1500) + 150 * commit)
                )
                frame = bars(some, first, first + pd.Timedelta(days=int(rng.integers(3, 90))), seed=7)
                known = model.frame()
                old = known[known["symbol"].isin(some)].sample(frac=0.3, random_state=int(rng.integers(99)))
                frame = pd.concat([frame, old]).drop_duplicates(["symbol", "date"], keep="last")
                frame = frame.assign(fetched_at=FIRST + pd.Timedelta(hours=commit))
                if rng.random() < 0.3:
                    writer.replace([*some, "nobody"], frame)
                    model.replace(some, frame)
                else:
                    writer.put(frame)
                    model.put(frame)
        expected = model.frame()
        same(store.bars(), expected)
        one, day = str(rng.choice(everybody)), expected["date"].iloc[int(rng.integers(len(expected)))]
        same(store.bars(one), expected[expected["symbol"] == one])
        same(store.day(day), expected[expected["date"] == day])
        pd.testing.assert_frame_equal(store.wide("close"), pivoted(expected, "close"), check_exact=True)
    content = store.snapshot().index
    assert len(content.files()) > 10
    assert store.damage().empty


def test_within_a_transaction_the_last_word_counts(store):
    first, second = bars(["AAA", "BBB"], seed=1), bars(["AAA"], seed=2)
    with store.writing() as writer:
        writer.put(first)
        writer.put(second)
        writer.replace(["BBB"], first[:0])
        writer.put(second[:3].assign(symbol="BBB"))
    same(store.bars("AAA"), second)
    same(store.bars("BBB"), second[:3].assign(symbol="BBB"))


def test_equal_rows_keep_the_row_and_its_time_of_receipt(store):
    old = bars(["AAA", "BBB"])
    put(store, old)
    new = old.assign(fetched_at=LATER)
    new.loc[3, "close"] += 0.01
    new.loc[5, "volume"] = np.nan if new.loc[5, "volume"] == new.loc[5, "volume"] else 7.0
    new.loc[7, "source"] = "other"
    put(store, new)
    expected = old.copy()
    expected.loc[[3, 5, 7]] = new.loc[[3, 5, 7]]
    same(store.bars(), expected)


def test_a_commit_that_changes_nothing_writes_nothing(store):
    frame = bars(["AAA", "BBB"], "2019-12-20", "2024-01-31")
    put(store, frame)
    version = store.version()
    before = {path: path.stat().st_mtime_ns for path in store.folder.rglob("*") if path.name != ".lock"}
    with store.writing() as writer:
        writer.put(frame.assign(fetched_at=LATER))
        writer.replace(["AAA"], frame[frame["symbol"] == "AAA"].assign(fetched_at=LATER))
        writer.put(frame[:0])
    with store.writing():
        pass
    assert store.version() == version
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_every_commit_that_changes_something_has_a_version_of_its_own(store):
    seen = {store.version()}
    for seed in range(3):
        put(store, bars(["AAA"], seed=seed))
        seen.add(store.version())
    with store.writing() as writer:
        writer.set_series(series("AAA"))
    seen.add(store.version())
    assert len(seen) == 5
    with store.writing() as writer:
        writer.replace(["AAA"], typed_empty(BARS))
    assert store.bars().empty
    assert store.version() not in seen


def test_the_version_needs_nothing_but_the_standard_library(store):
    put(store, bars(["AAA"]))
    code = (
        "import sys; from lib.market.store import PriceStore; print(PriceStore(sys.argv[1]).version());"
        "print([m for m in ('numpy', 'pandas', 'pyarrow') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(store.folder)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[:2] == [store.version(), "[]"]


def test_a_daily_sync_rewrites_the_current_year_only(store, crowded):
    everybody = ["AAA", "BBB", "CCC", "DDD"]
    put(store, bars(everybody, "2018-01-01", "2024-01-10"))
    content = store.snapshot().index
    old = {one.name for part, group in content.bars.items() for one in group if part != "2024"}
    put(store, bars(everybody, "2024-01-11", "2024-01-11"))
    assert old <= names(store)
    assert not {one.name for one in content.bars["2024"]} & names(store)


def test_a_restated_symbol_rewrites_the_files_where_it_stands(store, crowded):
    everybody = [f"S{number}" for number in range(9)]
    put(store, bars(everybody, "2018-01-01", "2024-01-10"))
    before = {one.name: one for one in store.snapshot().index.files()}
    with store.writing() as writer:
        writer.replace(["S4"], bars(["S4"], "2018-01-01", "2024-01-10", seed=5))
    gone = [before[name] for name in set(before) - names(store)]
    assert gone
    assert all(one.groups[0] <= "S4" <= one.last_symbol for one in gone)
    assert len(gone) < len(before) / 3


def test_with_a_new_year_the_last_one_joins_its_block(store, crowded):
    frame = bars(["AAA", "BBB"], "2018-12-01", "2023-12-29")
    put(store, frame)
    assert list(store.snapshot().index.bars) == ["2015-2019", "2020-2024", "2023"]
    new = bars(["BBB", "CCC"], "2023-12-28", "2024-01-05", seed=2, fetched=LATER)
    put(store, new)
    assert list(store.snapshot().index.bars) == ["2015-2019", "2020-2024", "2024"]
    same(store.bars(), pd.concat([frame, new]).drop_duplicates(["symbol", "date"], keep="last").sort_values(
        ["symbol", "date"]))  # fmt: skip


def test_a_year_that_turns_out_wrong_does_no_harm(store):
    frame = bars(["AAA"], "2023-12-01", "2024-01-31")
    put(store, pd.concat([frame, bars(["AAA"], "2031-01-01", "2031-01-01")]))
    with store.writing() as writer:
        writer.replace(["AAA"], frame)
    put(store, bars(["AAA"], "2024-02-01", "2024-02-05"))
    same(store.bars(), pd.concat([frame, bars(["AAA"], "2024-02-01", "2024-02-05")]))


def test_files_and_row_groups_hold_what_they_should_and_no_symbol_is_cut(store):
    put(store, bars([f"S{number:03d}" for number in range(800)], "2023-07-03", "2024-08-30"))
    content = store.snapshot().index
    assert {name: len(group) for name, group in content.bars.items()} == {"2020-2024": 1, "2024": 2}
    for file in content.files():
        parquet = pq.ParquetFile(store.folder / "data" / file.name)
        groups = [parquet.read_row_group(at)["symbol"].unique().to_pylist() for at in range(len(file.groups))]
        assert [group[0] for group in groups] == list(file.groups)
        assert groups[-1][-1] == file.last_symbol
        everybody = [symbol for group in groups for symbol in group]
        assert len(everybody) == len(set(everybody))
        rows = [parquet.metadata.row_group(at).num_rows for at in range(parquet.num_row_groups)]
        assert max(rows) < files.GROUP_ROWS + 200
        assert sum(rows) == file.rows <= writing.BUCKET_ROWS


def test_files_are_plain_parquet_for_anybody(store):
    frame = bars(["AAA", "BBB"])
    put(store, frame)
    (path,) = (store.folder / "data").glob("*.parquet")
    same(pd.read_parquet(path), frame)
    same(pd.read_parquet(path, filters=[("symbol", "==", "BBB")]), frame[frame["symbol"] == "BBB"])
    chunk = pq.ParquetFile(path).metadata.row_group(0).column(5)
    assert chunk.compression == "LZ4"


def odd(frame, **columns):
    return frame.assign(**columns)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda f: f.assign(symbol=f["symbol"].where(f.index != 2)), "symbol: null in row 2"),
        (lambda f: f.assign(date=f["date"].where(f.index != 2)), "date: null in row 2"),
        (lambda f: pd.concat([f, f[4:5]]), "AAA has 2024-01-05 twice"),
        (lambda f: f.drop(columns="split"), "split: the columns are"),
        (lambda f: f.assign(adj_close=1.0), "adj_close: the columns are"),
        (lambda f: f.assign(close="1.0"), "close: holds str"),
        (lambda f: f.assign(date=f["date"].dt.tz_localize("UTC")), "date: holds datetime64"),
        (lambda f: f.assign(date=f["date"] + pd.Timedelta(hours=4)), "time of day"),
        (lambda f: f.assign(date=f["date"].dt.strftime("%Y-%m-%d")), "date: holds str"),
    ],
)
def test_rows_that_break_the_contract_are_refused(store, spoil, says):
    with pytest.raises(ContractError, match=says), store.writing() as writer:
        writer.put(spoil(bars(["AAA"])))
    assert store.version() == ""


def test_replacing_refuses_bars_of_other_symbols(store):
    with pytest.raises(ContractError, match="BBB"), store.writing() as writer:
        writer.replace(["AAA"], bars(["AAA", "BBB"]))


def test_names_of_columns_that_are_not_there_are_refused(store):
    with pytest.raises(ValueError, match="adj_close"):
        store.bars(columns=["adj_close"])
    with pytest.raises(ValueError, match="source"):
        store.wide("source")


def test_other_types_of_the_same_content_are_taken(store):
    frame = bars(["AAA"]).assign(volume=7, split=1)
    loose = frame.assign(
        symbol=frame["symbol"].astype("category"),
        date=frame["date"].astype("datetime64[ns]"),
        source=None,
        open=None,
        fetched_at=pd.NaT,
    )
    put(store, loose[loose.columns[::-1]].set_index(loose.index + 5))
    same(store.bars(), checked(loose, BARS))
    assert store.bars()["volume"].eq(7.0).all()


def test_after_an_exception_nothing_is_visible(store):
    put(store, bars(["AAA"]))
    version = store.version()
    with pytest.raises(RuntimeError), store.writing() as writer:
        writer.put(bars(["BBB"]))
        writer.set_series(series("BBB"))
        raise RuntimeError
    assert store.version() == version
    assert store.bars("BBB").empty
    put(store, bars(["CCC"]))
    assert list(store.bars()["symbol"].unique()) == ["AAA", "CCC"]


def test_a_folder_that_cannot_be_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        put(PriceStore(tmp_path / "file"), bars(["AAA"]))


def series(*symbols, status="ok", checked_at=FIRST):
    frame = pd.DataFrame({"symbol": symbols}).assign(
        source="yahoo", status=status, detail=None, asked_from=pd.Timestamp("2020-01-01"),
        asked_through=pd.Timestamp("2024-01-31"), checked_at=checked_at, first_date=pd.NaT,
        last_date=pd.NaT, rows=0,
    )  # fmt: skip
    return checked(frame, SERIES)


def event(symbol, detail="", recorded=FIRST):
    day = pd.Timestamp("2024-01-02")
    row = {"date": day, "symbol": symbol, "event": "restated", "last_date": day, "rows": 3, "detail": detail,
           "source": "yahoo", "recorded_at": recorded}  # fmt: skip
    return checked(pd.DataFrame([row]), EVENTS)


def test_small_tables_are_kept_by_symbol(store):
    with store.writing() as writer:
        writer.set_series(series("CCC", "AAA"))
    with store.writing() as writer:
        writer.set_series(series("BBB", "AAA", status="limited", checked_at=LATER))
    found = store.series()
    assert list(found["symbol"]) == ["AAA", "BBB", "CCC"]
    assert list(found["status"]) == ["limited", "limited", "ok"]
    with pytest.raises(ContractError, match="AAA is there twice"), store.writing() as writer:
        writer.set_series(series("AAA", "AAA"))


def test_an_instrument_that_has_not_changed_keeps_its_time_of_receipt(store):
    row = dict.fromkeys(INSTRUMENTS.column_names) | {"symbol": "AAA", "name": "A Co", "fetched_at": FIRST}
    frame = checked(pd.DataFrame([row]), INSTRUMENTS)
    with store.writing() as writer:
        writer.set_instruments(frame)
    version = store.version()
    with store.writing() as writer:
        writer.set_instruments(frame.assign(fetched_at=LATER))
    same(store.instruments(), frame)
    assert store.version() == version
    with store.writing() as writer:
        writer.set_instruments(frame.assign(fetched_at=LATER, sector="Energy"))
    same(store.instruments(), frame.assign(fetched_at=LATER, sector="Energy").astype({"sector": "str"}))


def test_a_store_without_the_younger_columns_is_read_with_nulls_and_can_be_written(store, monkeypatch):
    young = ("country", "market_cap", "told_at")
    old = replace(INSTRUMENTS, columns=tuple(c for c in INSTRUMENTS.columns if c.name not in young))
    row = dict.fromkeys(old.column_names) | {"symbol": "AAA", "name": "A Co", "fetched_at": FIRST}
    with monkeypatch.context() as before, store.writing() as writer:
        before.setitem(SMALL, "instruments", old)
        writer.set_instruments(checked(pd.DataFrame([row]), old))
    version = store.version()
    found = store.instruments()
    assert found.columns.tolist() == INSTRUMENTS.column_names
    assert found[list(young)].isna().all(axis=None)
    assert found.loc[0, ["name", "fetched_at"]].tolist() == ["A Co", FIRST]
    assert store.version() == version
    other = found.assign(symbol="BBB", country="Japan", market_cap=5.0, told_at=LATER)
    with store.writing() as writer:
        writer.set_instruments(other)
    assert store.instruments()["market_cap"].fillna(-1.0).tolist() == [-1.0, 5.0]
    assert store.instruments()["country"].fillna("").tolist() == ["", "Japan"]


def test_an_event_is_written_down_once(store):
    with store.writing() as writer:
        writer.add_events(event("BBB"))
        writer.add_events(pd.concat([event("AAA", "first"), event("BBB", recorded=LATER)]))
    with store.writing() as writer:
        writer.add_events(event("AAA", "first", LATER))
        writer.add_events(event("AAA", "second", LATER))
    found = store.events()
    assert list(zip(found["symbol"], found["detail"], strict=True)) == [
        ("AAA", "first"), ("AAA", "second"), ("BBB", ""),
    ]  # fmt: skip
    assert list(found["recorded_at"]) == [FIRST, LATER, FIRST]
    assert list(store.events(["BBB"])["symbol"]) == ["BBB"]


def test_a_reader_that_began_before_a_commit_ends_with_what_it_began_with(store, crowded):
    put(store, bars(["AAA", "BBB"]))
    with store.writing() as writer:
        writer.set_series(series("AAA"))
    reader, expected = store.snapshot(), store.bars()
    put(store, bars(["AAA", "BBB", "CCC"], seed=2))
    with store.writing() as writer:
        writer.set_series(series("AAA", "BBB"))
    same(reader.bars(), expected)
    pd.testing.assert_frame_equal(reader.wide(), pivoted(expected, "close"), check_exact=True)
    assert list(reader.small("series")["symbol"]) == ["AAA"]
    assert len(store.bars()) > len(expected)


def test_a_commit_in_the_middle_of_a_read_is_not_seen_by_it(store, crowded, monkeypatch):
    """The commit happens after the first file of the read, so that a mixture would show."""
    put(store, bars(["AAA", "BBB", "CCC"], "2019-12-01", "2020-01-31"))
    expected, opened = store.bars(), files._opened

    def interrupted(*arguments):
        monkeypatch.setattr(files, "_opened", opened)
        put(PriceStore(store.folder), bars(["AAA", "BBB", "CCC"], "2019-12-01", "2020-01-31", seed=5))
        return opened(*arguments)

    for look, known in ((store.bars, expected), (store.wide, pivoted(expected, "close"))):
        put(store, expected)
        monkeypatch.setattr(files, "_opened", interrupted)
        pd.testing.assert_frame_equal(look(), known, check_exact=True)
        assert not store.bars().equals(expected)


def test_old_files_go_after_the_grace_period(store):
    put(store, bars(["AAA"]))
    reader, first = store.snapshot(), names(store)
    put(store, bars(["AAA"], seed=2))
    on_disk = {path.name for path in (store.folder / "data").iterdir()}
    assert on_disk == first | names(store)
    hasty = PriceStore(store.folder, grace_seconds=-1)
    put(hasty, bars(["AAA"], seed=3))
    assert {path.name for path in (store.folder / "data").iterdir()} == names(store)
    with pytest.raises(StoreError, match="written anew while it was read"):
        reader.bars()


def test_the_grace_period_begins_when_a_file_is_retired_not_when_it_was_written(store):
    put(store, bars(["AAA"]))
    for path in (store.folder / "data").iterdir():
        os.utime(path, (1e9, 1e9))
    reader, expected = store.snapshot(), store.bars()
    put(store, bars(["AAA"], seed=2))
    put(store, bars(["AAA"], seed=3))
    same(reader.bars(), expected)


def test_what_killed_writers_left_goes_too(store):
    put(store, bars(["AAA"]))
    left = [store.folder / "data" / ".bars-2024-0.parquet.17", store.folder / ".index.json.17"]
    strange = [store.folder / "data" / "README.txt", store.folder / "notes.txt"]
    for path in (*left, *strange):
        path.write_text("half")
    put(PriceStore(store.folder, grace_seconds=-1), bars(["AAA"], seed=2))
    assert not [path for path in left if path.exists()]
    assert all(path.exists() for path in strange)
    assert store.damage().empty


def test_old_files_that_cannot_be_removed_do_not_look_like_a_lost_commit(store, monkeypatch):
    put(store, bars(["AAA"]))

    def refuse(*_, **__):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(StoreError, match="is written, but old files cannot be removed: Operation not"):
        put(PriceStore(store.folder, grace_seconds=-1), bars(["AAA"], seed=2))
    same(store.bars(), bars(["AAA"], seed=2))


def test_where_locks_are_not_honoured_the_second_of_two_commits_is_refused(store):
    """Another writer that no lock has kept out commits between the start and the commit of this one."""
    put(store, bars(["AAA"]))
    with (
        pytest.raises(StoreError, match="was written by another process meanwhile"),
        store.writing() as writer,
    ):
        writer.put(bars(["BBB"]))
        other = writing.Writer(store.folder, 3600)
        other.put(bars(["CCC"]))
        other.commit()
    assert list(store.bars()["symbol"].unique()) == ["AAA", "CCC"]


def test_a_writer_may_commit_more_than_once(store):
    with store.writing() as writer:
        writer.put(bars(["AAA"]))
        writer.commit()
        assert len(store.bars("AAA"))
        writer.put(bars(["BBB"]))
    same(store.bars(), pd.concat([bars(["AAA"]), bars(["BBB"])]))


def test_writing_what_a_damaged_file_held_makes_it_whole_and_forces_it_to_the_disk(store, monkeypatch):
    frame = bars(["AAA"])
    put(store, frame)
    version, (file,) = store.version(), store.snapshot().index.files()
    (store.folder / "data" / file.name).write_text("torn")
    forced, sync = [], disk.sync
    monkeypatch.setattr(disk, "sync", lambda path: (forced.append(path.name), sync(path)))
    with store.writing() as writer:
        assert len(writer.discard_damaged()) == 1
        writer.put(frame)
    assert file.name in forced
    assert store.version() == version
    assert store.damage().empty
    same(store.bars(), frame)


def damaged_store(store):
    frame = bars(["AAA", "BBB", "CCC"], "2023-12-25", "2024-01-08")
    put(store, frame)
    with store.writing() as writer:
        writer.set_series(series("AAA", "BBB", "CCC"))
    return frame


def spoil_pages(path):
    """Change one bit of each column of the first row group."""
    content, group = bytearray(path.read_bytes()), pq.ParquetFile(path).metadata.row_group(0)
    for column in map(group.column, range(group.num_columns)):
        begin = column.dictionary_page_offset or column.data_page_offset
        content[begin + column.total_compressed_size - 1] ^= 1
    path.write_bytes(content)


def closes(folder, file):
    numbers, runs = files.read_numbers(folder, file, None, "close")
    return numbers.tobytes(), runs.dump()


def test_no_bit_of_a_data_file_can_change_unnoticed(store, crowded):
    """Every bit of the first pages, whose headers no checksum covers, and one of each seventh byte after."""
    damaged_store(store)
    rng = np.random.default_rng(11)
    snapshot = store.snapshot()
    for file in snapshot.index.files():
        path, looks = store.folder / "data" / file.name, [(files.read, files.read(store.folder, file))]
        looks += [(closes, closes(store.folder, file))] if file.groups else []
        content = path.read_bytes()
        sample = range(FIRST_PAGES + int(rng.integers(STRIDE)), len(content), STRIDE)
        flips = [(at, bit) for at in range(FIRST_PAGES) for bit in range(8)]
        for at, bit in [*flips, *((at, int(rng.integers(8))) for at in sample)]:
            spoilt = bytearray(content)
            spoilt[at] ^= 1 << bit
            path.write_bytes(spoilt)
            for look, expected in looks:
                try:
                    assert look(store.folder, file) == expected, (at, bit)
                except StoreError as fault:
                    assert str(path) in str(fault)
        assert list(snapshot.damage()["file"]) == [file.name]
        path.write_bytes(content)


def test_no_bit_of_the_index_can_change_unnoticed(store):
    frame = damaged_store(store)
    path, version = store.folder / "index.json", store.version()
    whole = path.read_bytes()
    for at in range(0, len(whole), 3):
        spoilt = bytearray(whole)
        spoilt[at] ^= 1 << at % 8
        path.write_bytes(spoilt)
        with pytest.raises(StoreError, match=r"index\.json is damaged"):
            store.version()
    path.write_bytes(whole)
    assert store.version() == version
    same(store.bars(), frame)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda path: path.unlink(), "it is missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), "bytes instead of"),
        (lambda path: path.write_bytes(b""), "0 bytes instead of"),
        (lambda path: path.write_bytes(path.read_bytes()[:-9] + bytes(9)), "checksum of its footer"),
        (lambda path: spoil_pages(path), "damaged"),
    ],
)
def test_a_damaged_file_is_named_with_the_mend(store, spoil, says):
    damaged_store(store)
    (file,) = store.snapshot().index.bars["2024"]
    path = store.folder / "data" / file.name
    spoil(path)
    for act in (
        store.bars,
        store.wide,
        lambda: store.day("2024-01-02"),
        lambda: put(store, bars(["AAA"], seed=3)),
    ):
        with pytest.raises(StoreError) as caught:
            act()
        text = str(caught.value)
        assert says in text
        assert f"{path} (AAA to CCC, 2024-01-01 to 2024-01-08)" in text
        assert text.endswith("the next sync with the network fetches what it held anew")
    assert len(store.bars(end="2023-12-31"))
    assert list(store.damage()["file"]) == [file.name]


def test_a_lost_index_is_noticed_and_not_taken_for_an_empty_store(store):
    damaged_store(store)
    (store.folder / "index.json").unlink()
    for act in (store.version, store.bars, lambda: put(store, bars(["AAA"]))):
        with pytest.raises(StoreError, match=r"index\.json is damaged: it is missing"):
            act()


def test_an_empty_index_is_damage_and_no_advice_loses_what_cannot_be_fetched_again(store):
    damaged_store(store)
    data = sorted((store.folder / "data").iterdir())
    (store.folder / "index.json").write_bytes(b"")
    for act in (PriceStore(store.folder).version, store.bars, lambda: put(store, bars(["AAA"]))):
        with pytest.raises(StoreError, match=r"index\.json is damaged: it is empty; put .* back") as caught:
            act()
        assert "remove" not in str(caught.value)
    assert sorted((store.folder / "data").iterdir()) == data


def test_damaged_files_can_be_given_up_so_that_a_sync_asks_anew(store, crowded):
    frame = damaged_store(store)
    victim = store.snapshot().index.bars["2020-2024"][0]
    (store.folder / "data" / victim.name).unlink()
    with store.writing() as writer:
        lost = writer.discard_damaged()
        writer.put(bars(["DDD"]))
    assert list(lost["file"]) == [victim.name]
    lost_symbols = frame["symbol"].between(victim.groups[0], victim.last_symbol)
    kept = frame[~(lost_symbols & (frame["date"] < "2024-01-01"))]
    same(store.bars(["AAA", "BBB", "CCC"]), kept)
    assert not set(store.series()["symbol"]) & set(frame.loc[lost_symbols, "symbol"])
    assert store.damage().empty
    with store.writing() as writer:
        assert writer.discard_damaged().empty
        writer.put(frame)
    same(store.bars(["AAA", "BBB", "CCC"]), frame)


@pytest.mark.parametrize(
    ("number", "mend"), [(99, "use the version that wrote it"), (1, "put .* back from a copy")]
)
def test_a_store_of_another_format_is_neither_read_nor_written(store, monkeypatch, number, mend):
    monkeypatch.setattr(index, "FORMAT", number)
    put(store, bars(["AAA"]))
    monkeypatch.undo()
    before = {path: path.read_bytes() for path in store.folder.rglob("*") if path.is_file()}
    for act in (PriceStore(store.folder).version, store.bars, lambda: put(store, bars(["BBB"]))):
        with pytest.raises(StoreError, match=f"has the format {number}, this version .* knows .*; {mend}"):
            act()
    assert {path: path.read_bytes() for path in before if path.name != ".lock"} == {
        path: content for path, content in before.items() if path.name != ".lock"
    }
