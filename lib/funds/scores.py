"""The score of every fund on every date: points of 14 sub-scores, total, rank, recommendation.

Two passes: the measures of all funds of all dates first, then points, totals and ranks among peers, so that
no rank depends on what was scored before. ``total_score`` is the sum of the points; ``score_scaled`` is 100
times it over what could be won with the data there is, and ranks funds of their category, or of their
subcategory where eight or more are scored in it. A measure that is missing because the fund is too young
wins nothing and could win nothing; where there is nothing to judge by (no assets, no expense ratio, no list
of holdings, no stance, fewer than four peers) half the points are given, and a flag says so.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lib import codes
from lib.conventions import ORIGINS
from lib.errors import InputError
from lib.funds import bands
from lib.funds.measured import Measured, inputs_of, measure_all, score_days
from lib.funds.nav_panel import day_numbers
from lib.funds.points import Ranks, choose, peer_shares, quartiles, ranks
from lib.funds.score_rules import BLOCKS, BY_PEERS, FEWEST_POINTS, LEAVES, LOW_IS_BEST, SHARES, Rules
from lib.nearest import nearest
from lib.tables.fund_scores import FUND_SCORES, MARKET_SCORE, SCORE_ISSUES
from lib.tables.funds import FUND_DATA

CLOCKS = {table.name: table.known_at or table.dated for table in (*FUND_DATA, MARKET_SCORE)}
"""Of each table that scores rest on, the column that says since when a row is known."""
ALWAYS_GIVEN = ("sectoral_similarity", "forward_score", "aum_size", "expense_ratio")


class Peers:
    """Groups of rows that are ranked together: by day and category, and by subcategory where it is large."""

    def __init__(self, columns: Mapping[str, np.ndarray]):
        category, sub = columns["category"], columns["subcategory"]
        self.category = _groups(columns["day"], category)
        self.sub = _groups(columns["day"], category + "\0" + sub)
        large = np.bincount(self.sub)[self.sub] >= bands.PEERS_OF_SUBCATEGORY
        self.use_sub = (sub != "") & large
        self.names = np.where(self.use_sub, category + " / " + sub, category)

    def ranks(self, values: np.ndarray, *, high_best: bool = True) -> Ranks:
        """Rank of each row among its peers."""
        own = ranks(values, self.category, high_best=high_best)
        if not self.use_sub.any():
            return own
        return choose(own, ranks(values, self.sub, high_best=high_best), self.use_sub)


def _groups(*columns: np.ndarray) -> np.ndarray:
    found = np.zeros(len(columns[0]), dtype="int64")
    for column in columns:
        codes_, uniques = pd.factorize(column, sort=True)
        found = found * len(uniques) + codes_
    return np.unique(found, return_inverse=True)[1].ravel()


def leaf_shares(
    columns: Mapping[str, np.ndarray], peers: Peers, rules: Rules
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Share of the points of each sub-score, NaN without data; and where a rank had under four peers."""
    shares, thin = {}, np.zeros(len(columns["day"]), dtype=bool)
    kinds = pd.Series(columns["category"]).map({one: bands.kind_of(one) for one in set(columns["category"])})
    for leaf in LEAVES:
        values = columns[leaf].astype("float64")
        if leaf in SHARES:
            shares[leaf] = values
            continue
        if leaf == "aum_size":
            shares[leaf] = bands.asset_shares(values / rules.assets_unit, columns["category"])
            continue
        rank = peers.ranks(values, high_best=leaf not in LOW_IS_BEST)
        by_rank, known = peer_shares(rank, rules.scoring), ~np.isnan(values)
        ranked = np.ones(len(values), dtype=bool)
        if leaf not in BY_PEERS:
            ranked = rank.peers >= bands.PEERS_FOR_BANDS
            if leaf == "max_drawdown":
                ranked = (kinds == "debt").to_numpy() | (rules.drawdown == "peers")
        shares[leaf] = np.where(ranked, by_rank, banded(leaf, values, columns["category"]))
        thin |= ranked & known & (rank.peers < bands.FEWEST_PEERS)
    for leaf in ALWAYS_GIVEN:
        shares[leaf] = np.where(np.isnan(shares[leaf]), bands.NEUTRAL, shares[leaf])
    return shares, thin


def banded(leaf: str, values: np.ndarray, categories: np.ndarray) -> np.ndarray:
    """Share of the points by ladder, of the sub-scores that have one; NaN otherwise."""
    if leaf in ("updown_capture_1y", "updown_capture_3y"):
        return bands.at_least(values, bands.CAPTURE)
    if leaf == "max_drawdown":
        return bands.at_most(-values, bands.DRAWDOWN)
    if leaf == "expense_ratio":
        return bands.expense_shares(values, categories)
    return np.full(len(values), np.nan)


def fund_scores(
    tables: Mapping[str, pd.DataFrame], *, as_of: str, rules: Rules, months: int = 0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables ``fund_scores`` and ``fund_score_issues`` from the tables that the stage reads.

    Score dates are the last ``months`` ends of calendar months (all since the first NAV when 0) and
    ``as_of``.
    Raises InputError for a category that no fund has ever had.
    """
    _refuse_unknown(tables["fund_attributes"], rules.categories)
    inputs = inputs_of(tables, rules)
    days = score_days(as_of, months, int(inputs.navs.days[0])) if len(inputs.navs.days) else []
    measured = measure_all(inputs, days)
    table = score_table(measured, inputs.rules)
    if len(table):
        table["origin"] = _worst(tables, day_numbers(table["score_date"]))
    return table, _issues(measured.skipped)


def score_table(measured: Measured, rules: Rules) -> pd.DataFrame:
    """The second pass: points, ranks and recommendations of everything that was measured."""
    columns = measured.columns
    if not columns:
        return pd.DataFrame({name: [] for name in FUND_SCORES.column_names}).astype({"flags": "str"})
    peers = Peers(columns)
    shares, thin = leaf_shares(columns, peers, rules)
    points = {leaf: shares[leaf] * most for leaf, most in LEAVES.items()}
    given = {leaf: np.where(np.isnan(points[leaf]), 0.0, points[leaf]) for leaf in LEAVES}
    blocks = {name: np.sum([given[leaf] for leaf in leaves], axis=0) for name, leaves in BLOCKS.items()}
    total = np.sum(list(blocks.values()), axis=0)
    could = [np.where(np.isnan(points[leaf]), 0.0, most) for leaf, most in LEAVES.items()]
    available = np.sum(could, axis=0)
    scaled = 100 * total / np.where(available > 0, available, np.nan)
    rank = peers.ranks(scaled)
    quartile = quartiles(rank)
    flags = {
        **measured.flags,
        "THIN_PEERS": thin | (rank.peers < bands.FEWEST_PEERS),
        "LOW_DATA": available < FEWEST_POINTS,
    }
    advice = recommendations(total, quartile, available, blocks, rules.scheme)
    frame = pd.DataFrame(
        {
            "score_date": columns["day"].astype("datetime64[D]").astype("datetime64[us]"),
            "fund_id": columns["fund_id"],
            "name": columns["name"],
            "category": columns["category"],
            "peer_group": peers.names,
            **{f"{leaf}_value": columns[leaf].astype("float64") for leaf in LEAVES},
            **points,
            **blocks,
            "total_score": total,
            "score_available_max": available,
            "score_scaled": scaled,
            "quartile": quartile,
            "category_rank": rank.position,
            "category_total": rank.peers,
            "percentile": (rank.peers + 1 - rank.position) / np.maximum(rank.peers, 1),
            "recommendation": advice,
            "market_stance": columns["market_stance"],
            "market_score_date": _date_or_null(columns["market_day"]),
            "flags": codes.flags_of(flags, pd.RangeIndex(len(total))),
            "origin": ORIGINS[0],
        }
    )
    return frame.sort_values(["score_date", "fund_id"], kind="stable", ignore_index=True)


def recommendations(
    total: np.ndarray,
    quartile: np.ndarray,
    available: np.ndarray,
    blocks: Mapping[str, np.ndarray],
    scheme: str,
) -> np.ndarray:
    """BUY, HOLD, REVIEW or SELL by quartile and total; or STRONG_BUY to STRONG_SELL by total.

    Without a quartile, or with less than 60 points that could be won, a fund is to be reviewed at best.
    """
    if scheme == "five_level":
        risk, other = blocks["risk_grade"], blocks["other_metrics"]
        strong = (total >= 70) | ((total >= 65) & (quartile == 1) & (risk >= 25))
        buy = (total >= 60) | ((total >= 55) & (quartile <= 2) & (other >= 20))
        hold = (total >= 50) | ((total >= 45) & (quartile <= 3) & (risk >= 20))
        sell = (total >= 35) | ((total >= 30) & (risk >= 15))
        said = np.select(
            [strong, buy, hold, sell], ["STRONG_BUY", "BUY", "HOLD", "SELL"], "STRONG_SELL"
        ).astype(object)
    else:
        said = np.select(
            [quartile == 1, (quartile == 2) & (total >= 65), quartile == 2, (quartile == 3) & (total >= 50)],
            ["BUY", "HOLD", "REVIEW", "REVIEW"],
            "SELL",
        ).astype(object)
        said[np.isnan(quartile)] = "REVIEW"
    unsure = np.isnan(quartile) | (available < FEWEST_POINTS)
    said[unsure & np.isin(said, ["STRONG_BUY", "BUY", "HOLD"])] = "REVIEW"
    return said


def _date_or_null(days: np.ndarray) -> np.ndarray:
    dates = days.astype("datetime64[D]").astype("datetime64[us]")
    return np.where(days > 0, dates, np.datetime64("NaT", "us"))


def _issues(skipped: pd.DataFrame) -> pd.DataFrame:
    """Funds that were asked for and not scored, with the reason."""
    frame = pd.DataFrame(
        {
            "score_date": skipped["day"].to_numpy(dtype="int64").astype("datetime64[D]"),
            "fund_id": skipped["fund"].astype("str"),
            "check": skipped["check"].astype("str"),
        },
        columns=SCORE_ISSUES.column_names,
    )
    frame["score_date"] = frame["score_date"].astype("datetime64[us]")
    return frame


def _worst(tables: Mapping[str, pd.DataFrame], days: np.ndarray) -> np.ndarray:
    """The worst origin of anything that was known on each day."""
    since = np.full(len(ORIGINS), np.iinfo("int64").max)
    for name, frame in tables.items():
        known = CLOCKS.get(name)
        if known and len(frame):
            origin, names = pd.factorize(frame["origin"])
            place = np.array([ORIGINS.index(one) for one in names])[origin]
            np.minimum.at(since, place, day_numbers(frame[known]))
    seen = since[None, :] <= days[:, None]
    worst = np.where(seen, np.arange(len(ORIGINS)), 0).max(axis=1, initial=0)
    return np.array(ORIGINS, dtype=object)[worst]


def _refuse_unknown(attributes: pd.DataFrame, categories: tuple[str, ...]) -> None:
    known = sorted(set(attributes.loc[attributes["item"] == "category", "value"]))
    for one in categories:
        if one not in known:
            raise InputError(
                f"no fund is of the category {one!r}",
                mend=nearest(one, known) or f"there are {', '.join(known[:12])}",
                field="categories",
            )
