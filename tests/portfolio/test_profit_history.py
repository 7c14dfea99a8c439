"""The chain of profits, its periods and metrics: recorded and replayed days, never one for the other."""

import numpy as np
import pandas as pd
import pytest
from book_worlds import day, prices

from lib.contracts import conform, empty
from lib.market.calendar import sessions
from lib.portfolio.pages import profit as page
from lib.portfolio.profit_history import growth, profit_history
from lib.portfolio.profit_periods import profit_periods
from lib.portfolio.realised_metrics import realised_metrics
from lib.portfolio.snapshots import append_snapshot
from lib.tables import TABLES

DAYS = [f"{one:%Y-%m-%d}" for one in sessions("2022-11-21", "2022-12-28")]
RNG = np.random.default_rng(8)
WALK = {
    name: 100 * np.cumprod(1 + RNG.normal(0, 0.02, len(DAYS))).round(4) for name in ("AAPL", "XOM", "INDEX")
}
BARS = [(name, when, close) for name, row in WALK.items() for when, close in zip(DAYS, row, strict=True)]
BOOK = ["AAPL,10,90,2022-01-03", "XOM,-4,95,2022-01-03"]


def recorded(folder, days, book=BOOK, cash=2_000.0, **options):
    """Snapshots taken on each of the days, and the tables of the last of them."""
    before = (empty(TABLES["snapshots"]), empty(TABLES["snapshot_positions"]))
    for as_of in days:
        tables = day(folder, book, BARS, as_of, cash=cash)
        history = append_snapshot(*before, *tables, as_of=as_of, **options)
        before = (history.snapshots, history.positions)
    return history.snapshots, tables


def chain(folder, days, *, replay_days=90, benchmark="INDEX", **options):
    """The profit history after runs on ``days``, and what it was made of."""
    snapshots, (positions, exposures, known) = recorded(folder, days, **options)
    terms = {"as_of": days[-1], "benchmark": benchmark}
    history = profit_history(snapshots, positions, exposures, known, replay_days=replay_days, **terms)
    return history, profit_periods(history.days, positions, known, **terms), positions, snapshots


def test_the_first_day_has_a_replayed_history_and_each_row_says_so(tmp_path):
    history, periods, positions, snapshots = chain(tmp_path, DAYS[-1:], replay_days=10)
    assert history.days["date"].tolist() == [pd.Timestamp(one) for one in DAYS[-10:]]
    assert history.days["replayed"].all()
    assert (history.rows_replayed, history.rows_real) == (10, 0)
    assert history.days["nav"].iloc[-1] == pytest.approx(snapshots["nav"].iloc[0])
    assert all(one.passed for one in page.checks(history, periods, positions, snapshots, DAYS[-1]))
    assert page.faults(history)[0].startswith("10 days replayed and none recorded: up to 28 Dec 2022")


def test_the_chain_is_the_same_whether_its_days_were_recorded_or_replayed(tmp_path):
    """Twelve recorded days, or four recorded after eight replayed: profits, values and returns agree."""
    whole, _, _, _ = chain(tmp_path, DAYS[-13:], replay_days=0)
    mixed, _, _, _ = chain(tmp_path, DAYS[-5:], replay_days=12)
    assert (mixed.rows_replayed, mixed.rows_real) == (8, 4)
    assert mixed.days["replayed"].tolist() == [True] * 8 + [False] * 4
    for name in ("date", "base_date"):
        assert mixed.days[name].tolist() == whole.days[name].tolist()
    for name in ("profit", "nav", "return", "benchmark_return"):
        assert mixed.days[name].tolist() == pytest.approx(whole.days[name].tolist()), name


def test_replayed_rows_are_the_last_sessions_only_and_recorded_ones_take_their_place(tmp_path):
    for recorded_days in (1, 3, 6):
        history, _, _, _ = chain(tmp_path, DAYS[-recorded_days:], replay_days=5)
        assert len(history.days) == 5
        assert history.rows_real == recorded_days - 1
    history, _, _, _ = chain(tmp_path, DAYS[-1:], replay_days=0)
    assert len(history.days) == len(history.replayed) == 0
    assert page.faults(history) == [
        "The history of profits is empty: there is one snapshot at most, and no replay."
    ]


def test_days_that_were_recorded_and_dropped_are_not_replayed(tmp_path):
    history, _, _, _ = chain(tmp_path, DAYS[-8:], replay_days=20, retention_days=5)
    assert not history.days["replayed"].any()
    assert len(history.days) == 3, "the days that the retention keeps, each with the profit that it had"


def test_the_replay_is_in_no_snapshot_and_twice_the_same(tmp_path):
    first, again = (chain(tmp_path, DAYS[-3:]) for _ in range(2))
    pd.testing.assert_frame_equal(first[0].days, again[0].days)
    assert len(first[3]) == 3
    assert set(TABLES["snapshots"].column_names) == set(first[3].columns)


def test_a_day_without_trading_and_without_snapshots_is_replayed_to_the_session_before(tmp_path):
    positions, exposures, known = day(tmp_path, BOOK, BARS, "2022-12-26", cash=2_000.0)
    nothing = empty(TABLES["snapshots"])
    history = profit_history(nothing, positions, exposures, known, as_of="2022-12-26", replay_days=3)
    assert history.days["date"].tolist() == [pd.Timestamp(f"2022-12-{one}") for one in (21, 22, 23)]
    totals = exposures.set_index("measure")["value"]
    assert history.days["nav"].iloc[-1] == pytest.approx(totals["nav"])


def test_periods_are_sums_and_compounded_returns_of_the_days_in_them(tmp_path):
    history, periods, _, _ = chain(tmp_path, DAYS[-3:])
    days, row = history.days, periods.set_index("period")
    spans = {
        "day": days["date"] == "2022-12-28",
        "week": days["date"] >= "2022-12-26",
        "month": days["date"] >= "2022-12-01",
        "history": days["date"] > "2000-01-01",
    }
    for name, chosen in spans.items():
        part = days[chosen]
        assert row.loc[name, "profit"] == pytest.approx(part["profit"].sum())
        assert row.loc[name, "return"] == pytest.approx((1 + part["return"]).prod() - 1)
        ends = [
            WALK["INDEX"][DAYS.index(f"{one:%Y-%m-%d}")]
            for one in (part["base_date"].iloc[0], part["date"].iloc[-1])
        ]
        assert row.loc[name, "benchmark_return"] == pytest.approx(ends[1] / ends[0] - 1)
        assert row.loc[name, "active_return"] == pytest.approx(
            row.loc[name, "return"] - (ends[1] / ends[0] - 1)
        )
        assert row.loc[name, "rows_real"] + row.loc[name, "rows_replayed"] == len(part)
    assert row.loc["month", "start"] == pd.Timestamp("2022-11-30")
    assert row.loc[["quarter", "year"], "flags"].tolist() == ["HISTORY_SHORT"] * 2
    assert row.loc[["quarter", "year"], ["profit", "return", "benchmark_return"]].isna().all(axis=None)


def test_the_benchmark_profit_is_that_of_the_value_at_the_start(tmp_path):
    history, periods, _, _ = chain(tmp_path, DAYS[-1:], replay_days=5)
    row = periods.set_index("period").loc["history"]
    start = history.days["nav"].iloc[0] - history.days["profit"].iloc[0]
    assert row["benchmark_profit"] == pytest.approx(start * row["benchmark_return"])
    assert row["return"] == pytest.approx(row["profit"] / start), "one stake, nothing paid in"


def test_since_entry_is_the_profit_of_the_file_beside_the_same_money_in_the_benchmark(tmp_path):
    book = ["AAPL,10,90,2022-11-25", "XOM,-4,95,2022-12-05"]
    snapshots, (positions, exposures, known) = recorded(tmp_path, DAYS[-1:], book)
    history = profit_history(snapshots, positions, exposures, known, as_of=DAYS[-1], benchmark="INDEX")
    table = profit_periods(history.days, positions, known, as_of=DAYS[-1], benchmark="INDEX")
    row = table.set_index("period").loc["since_entry"]
    level = dict(zip(DAYS, WALK["INDEX"], strict=True))
    earned = 10 * (WALK["AAPL"][-1] - 90) - 4 * (WALK["XOM"][-1] - 95)
    same = 900 * (level[DAYS[-1]] / level["2022-11-25"] - 1) - 380 * (
        level[DAYS[-1]] / level["2022-12-05"] - 1
    )
    assert row["profit"] == pytest.approx(earned)
    assert row["return"] == pytest.approx(earned / 1_280)
    assert row["benchmark_profit"] == pytest.approx(same)
    assert row["benchmark_return"] == pytest.approx(same / 1_280)


def test_a_month_whose_first_snapshot_covers_days_before_it_says_so(tmp_path):
    days = ["2022-11-25", "2022-12-02", "2022-12-05", "2022-12-06"]
    history, periods, _, _ = chain(tmp_path, days, replay_days=0)
    row = periods.set_index("period").loc["month"]
    assert (row["start"], row["flags"]) == (pd.Timestamp("2022-11-25"), "PERIOD_EARLIER")
    assert history.days["sessions"].tolist() == [5, 1, 1]
    week = periods.set_index("period").loc["week"]
    assert (week["start"], week["flags"]) == (pd.Timestamp("2022-12-02"), "")


def test_without_a_benchmark_there_is_profit_and_no_comparison(tmp_path):
    for benchmark, code in ((None, "no_benchmark"), ("NONE", "benchmark_missing")):
        history, periods, _, _ = chain(tmp_path, DAYS[-1:], replay_days=5, benchmark=benchmark)
        row = periods.set_index("period").loc["day"]
        assert row["flags"] == code
        assert np.isnan(row["active_return"])
        assert np.isfinite(row["return"])
        assert list(growth(history.days, benchmark).columns) == ["Book"]


def made(real, replayed, *, seed=3):
    """A table profit_history of generated returns, the replayed ones first."""
    rng, size = np.random.default_rng(seed), real + replayed
    days = sessions("2020-01-01", "2024-01-01")[: size + 1]
    frame = pd.DataFrame(
        {
            "date": days[1:],
            "base_date": days[:-1],
            "replayed": np.arange(size) < replayed,
            "sessions": 1,
            "nav": 1.0,
            "profit": 0.0,
            "dividends": np.nan,
            "return": rng.normal(0.0005, 0.01, size),
            "benchmark_return": rng.normal(0.0004, 0.009, size),
            "positions": 1,
            "flags": "",
        }
    )
    return conform(frame, TABLES["profit_history"])


def test_metrics_of_recorded_days_never_hold_a_replayed_one(tmp_path):
    """Oracles: formulas by hand on the recorded rows, and on all of them for the other basis."""
    days = made(70, 40)
    table = realised_metrics(days, risk_free=0.02, benchmark="INDEX").set_index(["basis", "metric"])
    for basis, part in (("real", days[~days["replayed"]]), ("with_replay", days)):
        own, other = part["return"].to_numpy(), part["benchmark_return"].to_numpy()
        found = table.loc[basis]["value"]
        path = np.concatenate([[1.0], np.cumprod(1 + own)])
        assert found["volatility"] == pytest.approx(own.std(ddof=1) * np.sqrt(252))
        assert found["sharpe"] == pytest.approx((own.mean() - 0.02 / 252) / own.std(ddof=1) * np.sqrt(252))
        short = np.sqrt((np.minimum(own, 0) ** 2).mean())
        assert found["sortino"] == pytest.approx(own.mean() / short * np.sqrt(252))
        assert found["max_drawdown"] == pytest.approx((path / np.maximum.accumulate(path) - 1).min())
        assert found["beta"] == pytest.approx(np.polyfit(other, own, 1)[0])
    counts = table[["rows_real", "rows_replayed"]]
    assert counts.loc[("real", "beta")].tolist() == [70, 0]
    assert counts.loc[("with_replay", "beta")].tolist() == [70, 40]


@pytest.mark.parametrize(("real", "known"), [(59, False), (60, True)])
def test_there_is_no_realised_metric_before_sixty_recorded_days(real, known):
    table = realised_metrics(made(real, 90), benchmark="INDEX")
    own = table[table["basis"] == "real"]
    assert own["value"].notna().all() == known
    assert set(own["flags"]) == ({""} if known else {"TOO_FEW_SNAPSHOTS"})
    assert table.loc[table["basis"] == "with_replay", "value"].notna().all()
    said = page.metrics_sentence(table, risk_free=0.0, generated=False)
    assert said.startswith("Over 60 days recorded" if known else "60 recorded days are needed")
    assert ("59 days so far" in said) != known


def test_a_row_of_several_sessions_counts_in_the_fall_alone():
    days = made(80, 0)
    days.loc[40, ["sessions", "return"]] = [5, -0.5]
    table = realised_metrics(days, benchmark="INDEX").set_index(["basis", "metric"]).loc["real"]["value"]
    assert table["max_drawdown"] < -0.49
    assert table["volatility"] < 0.25
    few = realised_metrics(days.assign(sessions=2), benchmark="INDEX").set_index(["basis", "metric"])
    assert few.loc[("real", "sharpe"), "flags"] == "TOO_FEW_SNAPSHOTS"


def test_the_page_reads_what_is_recorded_what_is_replayed_and_what_is_left_out(tmp_path):
    history, periods, positions, _ = chain(tmp_path, DAYS[-3:], replay_days=20)
    assert page.rows_words(history) == "18 days replayed and 2 days recorded"
    kinds = page.history_rows(history)["kind"].tolist()
    assert kinds == ["recorded"] * 2 + ["replayed"] * 18
    assert page.replay_sentence(history, positions).endswith("Every position takes part.")
    assert "month to date USD" in page.verdict(history, periods, "USD")
    assert "the same money in INDEX" in page.periods_sentence(periods, "USD", "INDEX")
    figures = {
        one.name: one for one in page.key_figures(history, periods, realised_metrics(history.days), "USD")
    }
    assert (figures["days_recorded"].value, figures["days_replayed"].value) == (2, 18)
    assert np.isnan(figures["realised_volatility"].value)


def test_the_page_names_what_is_left_out_with_its_share(tmp_path):
    book = [*BOOK, "AAPL230120C00100000,1,5,2022-12-01"]
    bars = [*BARS, ("AAPL230120C00100000", DAYS[-1], 5.0)]
    tables = day(tmp_path, book, bars, DAYS[-1], cash=0.0)
    history = profit_history(empty(TABLES["snapshots"]), *tables, as_of=DAYS[-1], replay_days=10)
    gross = 10 * WALK["AAPL"][-1] + 4 * WALK["XOM"][-1] + 500
    share = f"{100 * 500 / gross:.1f}%"
    said = page.faults(history)[1]
    assert said.startswith("Left out of the replay, earning nothing there: AAPL ")
    assert said.endswith(f"(no price on a day of the replay, {share} of gross).")
    assert page.replayed_positions(history)["part"].iloc[0].startswith("left out: ")


@pytest.mark.parametrize(
    ("column", "row", "broken"),
    [
        ("profit", 0, "Profit of the history is that of its days"),
        ("nav", 2, "Replayed values move by the profits"),
        ("profit", 9, "Profits of recorded days are those of the snapshots"),
    ],
)
def test_a_check_fails_when_the_chain_is_broken(tmp_path, column, row, broken):
    history, periods, positions, snapshots = chain(tmp_path, DAYS[-3:], replay_days=10)
    assert all(one.passed for one in page.checks(history, periods, positions, snapshots, DAYS[-1]))
    history.days.loc[row, column] += 1.0
    checks = page.checks(history, periods, positions, snapshots, DAYS[-1])
    assert broken in [one.name for one in checks if not one.passed]


def test_an_empty_history_says_so_and_breaks_nothing(tmp_path):
    history, periods, positions, snapshots = chain(tmp_path, DAYS[-1:], replay_days=0)
    metrics = realised_metrics(history.days)
    assert all(one.passed for one in page.checks(history, periods, positions, snapshots, DAYS[-1]))
    assert page.growth_sentence(history, periods, "INDEX") == "There is no day with a profit yet."
    assert page.history_sentence(history, "USD") == "There is no day with a profit yet."
    assert page.replay_sentence(history, positions) == "Nothing is replayed."
    assert "none yet" in page.metrics_sentence(metrics, risk_free=0.0, generated=False)
    assert page.verdict(history, periods, "USD").startswith("Since entry USD")
    assert len(prices(BARS)) == len(BARS)
