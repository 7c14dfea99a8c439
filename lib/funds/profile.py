"""One fund for a person: what it is, what it did beside its benchmark, by year, and what it holds.

Everything as known on the as-of date. Growth is of 10,000 put in on the first day on which both fund and
benchmark have a level, the benchmark's last known level standing for a day without one (at most 7 days).
Returns of calendar years run from the last NAV of the year before; the first year runs from the first NAV and
the last one to the as-of date.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lib.errors import InputError
from lib.funds.extras import latest_scores, newest_holdings
from lib.funds.measured import Inputs
from lib.funds.nav_panel import codes_of, day_number
from lib.funds.sectors import OTHERS
from lib.nearest import nearest
from lib.stats.drawdowns import drawdown

STAKE = 10_000.0
BENCHMARK_STALE = 7
MASTER = ("name", "house", "manager", "category", "subcategory", "benchmark")
FACTS = ("expense_ratio", "assets", "entry_load", "exit_load", "exit_load_days", "minimum_investment")


def chosen_fund(scores: pd.DataFrame, fund: str) -> str:
    """The id of the asked fund, given by id or name; of the best one where none is asked for.

    Raises InputError where no such fund was scored on the last date, with the nearest name, or none at all.
    """
    latest = latest_scores(scores).sort_values(["score_scaled", "fund_id"], ascending=[False, True])
    if latest.empty:
        raise InputError("no fund has a score", mend="see the page of funds/scores", field="fund")
    if not fund:
        return str(latest["fund_id"].iloc[0])
    asked = fund.strip().lower()
    for column in ("fund_id", "name"):
        found = latest.loc[latest[column].str.lower() == asked, "fund_id"]
        if len(found):
            return str(found.iloc[0])
    known = [*latest["fund_id"], *latest["name"]]
    raise InputError(
        f"no fund {fund!r} was scored",
        mend=nearest(fund, known) or "the page of funds/scores lists them",
        field="fund",
    )


def master(inputs: Inputs, funds: pd.DataFrame, fund_id: str, as_of: str) -> dict[str, object]:
    """What a fund is, by item: its texts and numbers as known on a day; what is unknown is left out."""
    day, place = day_number(as_of), int(codes_of(pd.Series([fund_id]), inputs.roster.ids)[0])
    own = funds[funds["fund_id"] == fund_id].iloc[0]
    found: dict[str, object] = {item: inputs.text(item, day)[place] for item in MASTER}
    found["benchmark"] = found["benchmark"] or inputs.rules.benchmark or ""
    found |= {"plan": own["plan"], "option": own["option"], "currency": own["currency"]}
    found |= {"inception_date": own["inception_date"]}
    found |= {item: float(inputs.fact(item, day)[place]) for item in FACTS}
    return {item: value for item, value in found.items() if not (value == "" or pd.isna(value))}


def growth(inputs: Inputs, fund_id: str, benchmark: str, as_of: str) -> pd.DataFrame:
    """Growth of 10,000 in the fund and, where it has levels, in its benchmark, by date."""
    day, place = day_number(as_of), int(codes_of(pd.Series([fund_id]), inputs.roster.ids)[0])
    view = inputs.navs.view(day)
    levels = view.levels[:, place]
    known = ~np.isnan(levels)
    frame = pd.DataFrame({"fund": levels[known]}, index=_dates(view.days[known]))
    column = int(codes_of(pd.Series([benchmark], dtype="str"), inputs.benchmarks.names)[0])
    if column >= 0:
        other = inputs.benchmarks.view(day)
        there = ~np.isnan(other.levels[:, column])
        series = pd.Series(other.levels[there, column], index=_dates(other.days[there]))
        limit = pd.Timedelta(days=BENCHMARK_STALE)
        frame["benchmark"] = series.reindex(frame.index, method="ffill", tolerance=limit)
        both = frame.dropna()
        frame = frame.loc[both.index[0] :] if len(both) > 1 else frame.drop(columns="benchmark")
    return STAKE * frame / frame.iloc[0]


def _dates(days: np.ndarray) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(days.astype("datetime64[D]"))


def years(grown: pd.DataFrame) -> pd.DataFrame:
    """Return of each calendar year, newest first: year, fund, benchmark (NaN without one), whole or not."""
    last = grown.ffill().groupby(grown.index.year).last()
    before = last.shift().fillna(grown.iloc[[0]].set_axis([last.index[0]]))
    frame = (last / before - 1).reindex(columns=["fund", "benchmark"])
    whole = np.ones(len(frame), dtype=bool)
    whole[0] = grown.index[0].month == 1 and grown.index[0].day <= 7
    whole[-1] &= grown.index[-1].month == 12 and grown.index[-1].day >= 28
    return frame.assign(year=frame.index, whole=whole).iloc[::-1].reset_index(drop=True)


def falls(grown: pd.DataFrame) -> pd.Series:
    """How far the fund stood below its highest level so far, by date."""
    returns = (grown["fund"] / grown["fund"].shift() - 1).iloc[1:]
    return pd.Series(drawdown(returns.to_numpy()), index=grown.index, name="fund")


def sectors(
    inputs: Inputs, tables: Mapping[str, pd.DataFrame], fund_id: str, as_of: str
) -> tuple[pd.DataFrame, pd.Timestamp | None]:
    """Share of assets by sector as last disclosed, the largest first, and the day of the list.

    What is no share stands by its kind. No rows where no list of the last 95 days is known.
    """
    day = day_number(as_of)
    ids = np.array([fund_id], dtype=object)
    held = newest_holdings(inputs, tables["fund_holdings"], tables["funds"], ids, day)
    if held.empty:
        return pd.DataFrame({"sector": [], "weight": [], "holdings": []}), None
    equity = held["kind"] == "equity"
    named = held["sector"].where(held["sector"].notna(), OTHERS)
    label = named.where(equity, held["kind"].str.capitalize())
    grouped = held.groupby(label.rename("sector"), sort=True)["weight"].agg(["sum", "size"])
    frame = grouped.reset_index().rename(columns={"sum": "weight", "size": "holdings"})
    frame = frame.sort_values(["weight", "sector"], ascending=[False, True], ignore_index=True)
    return frame, held["holding_date"].max()


def details_table(
    fund_id: str, grown: pd.DataFrame, by_year: pd.DataFrame, by_sector: pd.DataFrame
) -> pd.DataFrame:
    """The table ``fund_details``: growth by date, return by year, weight by sector."""
    parts = [
        pd.DataFrame({"part": "growth", "item": name, "date": series.index, "value": series.to_numpy()})
        for name, series in grown.items()
    ]
    parts += [
        pd.DataFrame(
            {
                "part": "year",
                "item": name,
                "date": pd.to_datetime(by_year["year"].astype("str") + "-12-31"),
                "value": by_year[name],
            }
        )
        for name in ("fund", "benchmark")
    ]
    parts.append(
        pd.DataFrame(
            {"part": "sector", "item": by_sector["sector"], "date": pd.NaT, "value": by_sector["weight"]}
        )
    )
    frame = pd.concat([one for one in parts if len(one)], ignore_index=True)
    frame["date"] = frame["date"].astype("datetime64[us]")
    return frame[frame["value"].notna()].assign(fund_id=fund_id)
