"""A stage that is point-in-time, in a small world where every table has a clock of its own.

Ten funds over three years: NAVs with gaps, restatements and a few Saturdays; categories and expense ratios
that change; lists of holdings that are disclosed weeks later; a benchmark published the day after; a monthly
figure of the economy that is released after its period; launches, a closure and a merger. ``select`` scores
the funds at each month's end, chooses the best, and follows them day by day. ``Choice`` says how: the
defaults are honest, ``LEAKS`` each look ahead in one way, ``VARIANTS`` differ and are honest too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.contracts import Column, Table

START, END = "2020-01-01", "2022-12-30"


def _table(
    name: str, key: tuple[str, ...], known: str = "known_at", dated: str = "", **columns: str
) -> Table:
    made = tuple(
        Column(column, kind.rstrip("?"), column, null=kind.endswith("?")) for column, kind in columns.items()
    )
    return Table(
        name, f"Toy {name}.", made, key, may_be_empty=True, known_at="" if dated else known, dated=dated
    )


SCHEMAS = {
    one.name: one
    for one in (
        _table("funds", ("fund_id",), fund_id="str", house="str", known_at="date"),
        _table(
            "attributes",
            ("fund_id", "item", "valid_from"),
            fund_id="str", item="str", valid_from="date", value="str", known_at="date",
        ),
        _table(
            "facts",
            ("fund_id", "item", "valid_from"),
            fund_id="str", item="str", valid_from="date", value="float", known_at="date",
        ),
        _table(
            "navs",
            ("fund_id", "date", "known_at"),
            fund_id="str", date="date", nav="float", known_at="date",
        ),
        _table("holdings", (), fund_id="str", date="date", sector="str", weight="float", known_at="date"),
        _table("levels", ("date",), date="date", level="float", known_at="date"),
        _table("events", (), fund_id="str", event="str", date="date", successor="str?", known_at="date"),
        _table(
            "economy",
            ("series", "period_end", "released"),
            "released",
            series="str", period_end="date", value="float", released="moment",
        ),
        _table("houses", ("house",), "", house="str", town="str"),
        _table(
            "scores",
            ("score_date", "fund_id"),
            dated="score_date",
            score_date="date", fund_id="str", category="str?", momentum="float?", volatility="float?",
            expense="float?", tilt="float?", economy="float?", peers="float?", score="float?", rank="float?",
        ),
        _table(
            "positions",
            ("score_date", "fund_id"),
            dated="score_date",
            score_date="date", fund_id="str", weight="float",
        ),
        _table("path", ("date",), dated="date", date="date", value="float?", excess="float?"),
        _table("summary", ("measure",), "", measure="str", value="float?"),
    )
}  # fmt: skip
INPUTS = ("funds", "attributes", "facts", "navs", "holdings", "levels", "events", "economy", "houses")
RESULTS = ("scores", "positions", "path", "summary")


@dataclass(frozen=True)
class Choice:
    """How funds are chosen."""

    category: str = "known"
    expense: str = "known"
    selection: str = "score day"
    economy: str = "released"
    holdings: str = "disclosed"
    peers: str = "known"
    universe: str = "alive"
    centred: bool = False
    normal: str = "expanding"
    fill: str = "forward"
    limit: int | None = 5
    rank_over: str = "date"
    benchmark: str = "known"
    prints: str = "first"
    lag: int = 0
    weekend: str = "left out"
    history: str = "own"
    momentum: int = 63
    skip: int = 0
    volatility: int = 21
    ewm: bool = False
    top: int = 2
    weights: str = "equal"
    method: str = "average"
    every: int = 1
    logs: bool = False
    statistic: str = "mean"
    clip: bool = False
    drawdown: bool = False
    change: int = 0


LEAKS = {
    "today's category": Choice(category="today"),
    "today's expense ratio": Choice(expense="today"),
    "selection at the trade's own NAV": Choice(selection="trade day"),
    "a macro value before its release": Choice(economy="period"),
    "holdings before disclosure": Choice(holdings="dated"),
    "peers that include later funds": Choice(peers="all"),
    "survivors only": Choice(universe="survivors"),
    "a centred rolling window": Choice(centred=True),
    "a full-sample normalisation": Choice(normal="sample"),
    "a backward fill": Choice(fill="backward"),
    "a rank over all dates": Choice(rank_over="all"),
    "a same-day benchmark": Choice(benchmark="same day"),
    "a restated NAV": Choice(prints="last"),
    "a shift by minus one": Choice(lag=-1),
    "a Saturday's value on Friday": Choice(weekend="friday"),
    "the successor's history under the old fund": Choice(history="successor"),
}
VARIANTS = {
    "as it is": Choice(),
    **{f"momentum over {n} days": Choice(momentum=n) for n in (5, 21, 126, 250)},
    **{f"volatility over {n} days": Choice(volatility=n) for n in (5, 63, 120)},
    "exponential volatility": Choice(ewm=True),
    **{f"forward fill of {n} days": Choice(limit=n) for n in (1, 3, 10)},
    "forward fill without limit": Choice(limit=None),
    "no fill": Choice(fill="none"),
    **{f"NAVs {n} days late": Choice(lag=n) for n in (1, 2, 5)},
    "momentum without the last month": Choice(skip=21),
    "trailing normalisation": Choice(normal="trailing"),
    "normalisation within the date": Choice(normal="date"),
    "no normalisation": Choice(normal="none"),
    **{f"ranks by {name}": Choice(method=name) for name in ("min", "max", "dense")},
    **{f"the best {n}": Choice(top=n) for n in (1, 3, 5)},
    "weights by score": Choice(weights="score"),
    "every quarter": Choice(every=3),
    "every half-year": Choice(every=6),
    "log returns": Choice(logs=True),
    "median of peers": Choice(statistic="median"),
    "clipped within the date": Choice(clip=True),
    "drawdown for volatility": Choice(drawdown=True),
    "change of the economy": Choice(change=3),
    "NAVs as known on the day": Choice(prints="as known"),
    "Saturday's value on Monday": Choice(weekend="monday"),
    "several at once": Choice(momentum=42, volatility=42, limit=2, top=3, method="dense", weights="score"),
}


def world(seed: int = 1) -> dict[str, pd.DataFrame]:
    """The tables of a small world; every seed has the same kinds of events on other days."""
    generator = np.random.default_rng(seed)
    days = pd.bdate_range(START, END)
    funds = [f"F{n}" for n in range(10)]
    begin = dict.fromkeys(funds, days[0]) | {
        name: days[generator.integers(150, 500)] for name in ("F7", "F8", "F9")
    }
    end = dict.fromkeys(funds, days[-1]) | {name: days[generator.integers(350, 600)] for name in ("F1", "F2")}
    funds_table = pd.DataFrame(
        {
            "fund_id": funds,
            "house": [f"H{n % 3}" for n in range(10)],
            "known_at": [begin[one] for one in funds],
        }
    )
    attributes = [(one, "category", begin[one], "ABC"[n % 3], begin[one]) for n, one in enumerate(funds)]
    facts = [(one, "expense", begin[one], 0.01 + 0.001 * n, begin[one]) for n, one in enumerate(funds)]
    for one in generator.choice(["F0", "F3", "F4", "F5", "F6"], 3, replace=False):
        when = days[generator.integers(200, 600)]
        attributes.append(
            (one, "category", when, "ABC"[generator.integers(3)] + "2", when + pd.Timedelta(days=5))
        )
        facts.append(
            (one, "expense", when, float(generator.uniform(0.005, 0.03)), when + pd.Timedelta(days=20))
        )
    events = [
        ("F1", "closed", end["F1"], None, end["F1"] - pd.Timedelta(days=10)),
        ("F2", "merged", end["F2"], "F3", end["F2"] - pd.Timedelta(days=10)),
    ]
    stamps = ["fund_id", "item", "valid_from", "value", "known_at"]
    return {
        "funds": funds_table,
        "attributes": pd.DataFrame(attributes, columns=stamps),
        "facts": pd.DataFrame(facts, columns=stamps),
        "navs": _navs(generator, days, funds, begin, end),
        "holdings": _holdings(generator, days, funds, begin, end),
        "levels": _levels(generator, days),
        "events": pd.DataFrame(events, columns=["fund_id", "event", "date", "successor", "known_at"]),
        "economy": _economy(generator),
        "houses": pd.DataFrame({"house": ["H0", "H1", "H2"], "town": ["Aa", "Bb", "Cc"]}),
    }


def _navs(generator, days, funds, begin, end) -> pd.DataFrame:
    moves = np.exp(np.cumsum(generator.normal(0.0003, 0.01, (len(days), len(funds))), axis=0)) * 10
    wide = pd.DataFrame(moves, index=days, columns=funds)
    long = wide.rename_axis("date").reset_index().melt("date", var_name="fund_id", value_name="nav")
    alive = long["date"].ge(long["fund_id"].map(begin)) & long["date"].le(long["fund_id"].map(end))
    long = long[alive].assign(known_at=lambda one: one["date"])
    gaps = pd.Series(False, index=long.index)
    for one in ("F0", "F4", "F5"):
        for month in generator.choice(np.arange(6, 34), 2, replace=False):
            closing = pd.Timestamp(START) + pd.offsets.BMonthEnd(int(month))
            gaps |= long["fund_id"].eq(one) & long["date"].between(
                closing - pd.Timedelta(days=2), closing + pd.Timedelta(days=6)
            )
    long = long[~gaps]
    restated = long[long["fund_id"].isin(["F3", "F6"])].sample(6, random_state=int(generator.integers(99)))
    restated = restated.assign(nav=restated["nav"] * 1.03, known_at=restated["date"] + pd.Timedelta(days=12))
    fridays = long[long["date"].dt.day_of_week.eq(4) & long["fund_id"].isin(["F0", "F5"])]
    saturdays = fridays.sample(12, random_state=int(generator.integers(99)))
    saturdays = saturdays.assign(nav=saturdays["nav"] * 1.01, date=saturdays["date"] + pd.Timedelta(days=1))
    saturdays["known_at"] = saturdays["date"]
    whole = pd.concat([long, restated, saturdays]).sort_values(["fund_id", "date", "known_at"])
    return whole[["fund_id", "date", "nav", "known_at"]].reset_index(drop=True)


def _holdings(generator, days, funds, begin, end) -> pd.DataFrame:
    months = pd.date_range(START, END, freq="ME")
    rows = [
        (one, month, sector, float(share), month + pd.Timedelta(days=int(generator.integers(8, 40))))
        for one in funds
        for month in months
        if begin[one] <= month <= end[one]
        for sector, share in zip("XYZ", generator.dirichlet([2, 2, 2]), strict=True)
    ]
    return pd.DataFrame(rows, columns=["fund_id", "date", "sector", "weight", "known_at"])


def _levels(generator, days) -> pd.DataFrame:
    level = np.exp(np.cumsum(generator.normal(0.0002, 0.008, len(days)))) * 100
    known = [*days[1:], days[-1] + pd.offsets.BDay(1)]
    return pd.DataFrame({"date": days, "level": level, "known_at": known})


def _economy(generator) -> pd.DataFrame:
    months = pd.date_range("2018-01-31", END, freq="ME")
    released = months + pd.to_timedelta(generator.integers(12, 45, len(months)), "D") + pd.Timedelta(hours=13)
    value = np.cumsum(generator.normal(0, 1, len(months)))
    return pd.DataFrame(
        {"series": "growth", "period_end": months, "value": value, "released": released.tz_localize("UTC")}
    )


def select(tables: dict[str, pd.DataFrame], choice: Choice, as_of: str = END) -> dict[str, pd.DataFrame]:
    """The results of the stage as of a day."""
    days = pd.bdate_range(START, as_of)
    ends = pd.date_range(START, as_of, freq="BME")[5 :: choice.every]
    wide = _wide(tables, choice, days)
    grid = _grid(tables, choice, ends)
    frame = grid.assign(
        category=_held(grid, tables["attributes"], choice.category),
        expense=_held(grid, tables["facts"], choice.expense),
        tilt=_tilt(grid, tables["holdings"], choice.holdings),
        economy=_economy_then(grid, tables["economy"], choice),
        momentum=_looked_up(grid, _momentum(wide, choice)),
        volatility=_looked_up(grid, _volatility(wide, choice)),
    )
    frame["peers"] = _peers(frame, tables, choice)
    frame["score"] = _score(frame, choice)
    by = frame.groupby("score_date")["score"] if choice.rank_over == "date" else frame["score"]
    frame["rank"] = by.rank(method=choice.method, ascending=False)
    scores = frame[SCHEMAS["scores"].column_names].sort_values(["score_date", "fund_id"], ignore_index=True)
    positions = _positions(scores, wide, choice)
    path = _path(positions, wide, tables["levels"], choice)
    summary = pd.DataFrame({"measure": ["mean score"], "value": [scores["score"].mean()]})
    return {"scores": scores, "positions": positions, "path": path, "summary": summary}


def _wide(tables, choice, days) -> pd.DataFrame:
    """NAVs, days by funds."""
    navs = tables["navs"].sort_values(["fund_id", "date", "known_at"])
    if choice.prints == "as known":
        navs = navs[navs["known_at"] <= navs["date"] + pd.Timedelta(days=3)]
    navs = navs.drop_duplicates(["fund_id", "date"], keep="last" if choice.prints == "last" else "first")
    if choice.weekend == "friday":
        navs = navs.assign(
            date=navs["date"] - pd.to_timedelta((navs["date"].dt.day_of_week - 4).clip(0), "D")
        )
        navs = navs.drop_duplicates(["fund_id", "date"], keep="last")
    if choice.weekend == "monday":
        moved = navs["date"].dt.day_of_week.gt(4)
        late = navs[moved].assign(date=navs["date"] + pd.Timedelta(days=2))
        navs = pd.concat([late, navs[~moved]]).drop_duplicates(["fund_id", "date"], keep="last")
    wide = navs.pivot(index="date", columns="fund_id", values="nav").reindex(days)  # noqa: PD010
    if choice.history == "successor":
        for one in tables["events"].dropna(subset=["successor"]).itertuples():
            wide[one.fund_id] = wide[one.successor]
    if choice.fill == "forward":
        wide = wide.ffill(limit=choice.limit)
    if choice.fill == "backward":
        wide = wide.bfill(limit=choice.limit)
    return wide.shift(choice.lag) if choice.lag else wide


def _grid(tables, choice, ends) -> pd.DataFrame:
    """Each fund at each date at which it lives."""
    funds, events = tables["funds"], tables["events"]
    grid = funds[["fund_id", "known_at"]].merge(pd.DataFrame({"score_date": ends}), how="cross")
    grid = grid[grid["known_at"] <= grid["score_date"]].drop(columns="known_at")
    ended = grid.merge(events[["fund_id", "known_at"]], on="fund_id", how="left")["known_at"].to_numpy()
    gone = ~np.isnat(ended) if choice.universe == "survivors" else ended <= grid["score_date"].to_numpy()
    return grid[~gone].sort_values(["score_date", "fund_id"], ignore_index=True)


def _held(grid, facts, when) -> np.ndarray:
    """What held of each fund, as known on the day or as known today."""
    facts = facts.sort_values(["known_at", "valid_from"])
    if when == "today":
        return grid["fund_id"].map(facts.groupby("fund_id")["value"].last()).to_numpy()
    left, right = grid[["fund_id", "score_date"]], facts[["fund_id", "known_at", "value"]]
    return pd.merge_asof(left, right, left_on="score_date", right_on="known_at", by="fund_id")[
        "value"
    ].to_numpy()


def _tilt(grid, holdings, when) -> np.ndarray:
    clock = "known_at" if when == "disclosed" else "date"
    lists = holdings[holdings["sector"] == "X"].sort_values([clock, "date"])[["fund_id", clock, "weight"]]
    found = pd.merge_asof(grid, lists, left_on="score_date", right_on=clock, by="fund_id")
    return found["weight"].to_numpy()


def _economy_then(grid, economy, choice) -> np.ndarray:
    released = economy["released"].dt.tz_localize(None).dt.normalize()
    clock = released if choice.economy == "released" else economy["period_end"]
    value = economy["value"].diff(choice.change) if choice.change else economy["value"]
    series = pd.DataFrame(
        {"clock": clock.astype("datetime64[us]"), "period": economy["period_end"], "value": value}
    )
    series = series.sort_values(["clock", "period"])
    series["newest"] = series["period"].cummax()
    series = series[series["newest"] == series["period"]][["clock", "value"]]
    dates = grid[["score_date"]].astype("datetime64[us]")
    return pd.merge_asof(dates, series, left_on="score_date", right_on="clock")["value"].to_numpy()


def _momentum(wide, choice) -> pd.DataFrame:
    near, far = wide.shift(choice.skip), wide.shift(choice.skip + choice.momentum)
    return np.log(near / far) if choice.logs else near / far - 1


def _volatility(wide, choice) -> pd.DataFrame:
    if choice.drawdown:
        return wide / wide.expanding().max() - 1
    returns = wide / wide.shift(1) - 1
    if choice.ewm:
        return returns.ewm(halflife=choice.volatility).std()
    return returns.rolling(choice.volatility, min_periods=4, center=choice.centred).std()


def _looked_up(grid, wide) -> np.ndarray:
    rows = wide.index.get_indexer(grid["score_date"])
    return wide.to_numpy()[rows, wide.columns.get_indexer(grid["fund_id"])]


def _peers(frame, tables, choice) -> np.ndarray:
    """The mean expense ratio of a fund's house's funds."""
    house = tables["funds"].set_index("fund_id")["house"]
    if choice.peers == "all":
        last = tables["facts"].drop_duplicates("fund_id", keep="first").set_index("fund_id")["value"]
        return frame["fund_id"].map(house).map(last.groupby(house).agg(choice.statistic)).to_numpy()
    by = [frame["score_date"], frame["fund_id"].map(house)]
    return frame.groupby(by)["expense"].transform(choice.statistic).to_numpy()


def _score(frame, choice) -> pd.Series:
    raw = frame["momentum"] - frame["volatility"].abs() - frame["expense"] + 0.1 * frame["tilt"]
    raw = raw + 0.01 * frame["economy"] * frame["tilt"] + frame["peers"]
    raw = raw + 0.001 * frame["category"].map(lambda one: len(str(one)))
    if choice.clip:
        by = raw.groupby(frame["score_date"])
        raw = raw.clip(by.transform("min") * 0.9, by.transform("max") * 0.9)
    means = raw.groupby(frame["score_date"]).mean()
    if choice.normal == "sample":
        return (raw - raw.mean()) / raw.std()
    if choice.normal == "date":
        return raw - frame["score_date"].map(means)
    if choice.normal == "expanding":
        return raw - frame["score_date"].map(means.expanding().mean())
    if choice.normal == "trailing":
        return raw - frame["score_date"].map(means.rolling(12, min_periods=1).mean())
    return raw


def _positions(scores, wide, choice) -> pd.DataFrame:
    known = scores.dropna(subset=["score"])
    if choice.selection == "trade day":
        later = wide.pct_change(fill_method=None).shift(-1)
        known = known.assign(score=known["score"] + _looked_up(known, later) * 5).dropna(subset=["score"])
    ordered = known.sort_values(["score_date", "score", "fund_id"], ascending=[True, False, True])
    best = ordered[ordered.groupby("score_date").cumcount() < choice.top].copy()
    size = best["score"].rank() if choice.weights == "score" and choice.rank_over != "date" else 1.0
    if choice.weights == "score":
        size = 1.0 / (best.groupby("score_date").cumcount() + 1)
    best["weight"] = size
    best["weight"] = best["weight"] / best.groupby("score_date")["weight"].transform("sum")
    return best[["score_date", "fund_id", "weight"]].sort_values(["score_date", "fund_id"], ignore_index=True)


def _path(positions, wide, levels, choice) -> pd.DataFrame:
    """The value day by day, bought at the NAV of the day after the score, and the excess return."""
    weights = positions.pivot(index="score_date", columns="fund_id", values="weight").fillna(0.0)  # noqa: PD010
    weights = weights.reindex(columns=wide.columns, fill_value=0.0).reindex(wide.index).ffill().shift(2)
    returns = (wide / wide.shift(1) - 1).fillna(0.0)
    daily = (weights * returns).sum(axis=1, min_count=1)
    clock = "known_at" if choice.benchmark == "known" else "date"
    level = levels.drop_duplicates(clock, keep="last").set_index(clock)["level"].reindex(wide.index).ffill()
    excess = daily - level.pct_change(fill_method=None)
    path = pd.DataFrame({"date": wide.index, "value": (1 + daily).cumprod(), "excess": excess})
    return path.dropna(subset=["value"]).reset_index(drop=True)
