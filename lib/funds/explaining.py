"""Why a fund has its score: what each sub-score won and lost, and what the next step up would take.

For a sub-score that is ranked the next step is the measure of the last peer that is in the next better
quartile; for one that goes by bands it is the bound of the next better band; where half the points were given
for want of data there is none. Computed from the table ``fund_scores`` of one day alone, by the rules that
made it, so that what is said is what was scored.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.funds import bands
from lib.funds.points import quartiles, ranks
from lib.funds.score_rules import BY_PEERS, LOW_IS_BEST, SHARES, Rules, block_of
from lib.tables.fund_scores import LEAVES


def peers_of(scores: pd.DataFrame, fund_id: str) -> pd.DataFrame:
    """The rows of one day with which a fund is ranked, itself included."""
    own = scores[scores["fund_id"] == fund_id].iloc[0]
    column = "category" if own["peer_group"] == own["category"] else "peer_group"
    return scores[scores[column] == own[column]].reset_index(drop=True)


def why(scores: pd.DataFrame, fund_id: str, rules: Rules) -> pd.DataFrame:
    """One row a sub-score, the most lost first: value, points, rank, how it was judged, the next step up.

    ``scores`` are those of one day. ``rule`` is peers, bands, share or given; ``next_value`` is the measure
    that would win ``next_points`` more, where everything else stays.
    """
    peers = peers_of(scores, fund_id)
    place = int(np.flatnonzero(peers["fund_id"] == fund_id)[0])
    rows = [_leaf(peers, place, leaf, most, rules) for leaf, most in LEAVES.items()]
    frame = pd.DataFrame(rows)
    return frame.sort_values("lost", ascending=False, kind="stable", na_position="last", ignore_index=True)


def _leaf(peers: pd.DataFrame, place: int, leaf: str, most: float, rules: Rules) -> dict:
    values = peers[f"{leaf}_value"].to_numpy()
    own, points = values[place], peers[leaf].to_numpy()[place]
    rank = ranks(values, np.zeros(len(values), dtype="int64"), high_best=leaf not in LOW_IS_BEST)
    rule = _rule(peers["category"].iloc[place], leaf, own, int(rank.peers[place]), rules)
    found = {
        "block": block_of(leaf),
        "leaf": leaf,
        "value": own,
        "points": points,
        "max_points": float(most),
        "lost": most - points,
        "rule": "none" if np.isnan(points) else rule,
        "position": rank.position[place] if rule == "peers" else np.nan,
        "peers": int(rank.peers[place]),
        "next_value": np.nan,
        "next_points": np.nan,
    }
    if rule == "peers" and not np.isnan(own):
        quartile = quartiles(rank)
        better = quartile < quartile[place]
        if better.any() and rules.scoring == "quartile":
            nearest = int(np.argmax(np.where(better, rank.position, -1)))
            found["next_value"] = values[nearest]
            found["next_points"] = peers[leaf].to_numpy()[nearest] - points
    elif rule == "bands" and not np.isnan(own):
        category = peers["category"].iloc[place]
        found["next_value"], share = _next_band(category, leaf, own, rules)
        found["next_points"] = share * most
    return found


def _rule(category: str, leaf: str, value: float, peers: int, rules: Rules) -> str:
    if leaf in SHARES:
        return "given" if np.isnan(value) else "share"
    if np.isnan(value):
        return "given"
    if leaf == "aum_size":
        return "bands"
    if leaf == "max_drawdown":
        ranked = bands.kind_of(category) == "debt" or rules.drawdown == "peers"
    else:
        ranked = leaf in BY_PEERS or peers >= bands.PEERS_FOR_BANDS
    if not ranked:
        return "bands"
    return "peers" if peers >= bands.FEWEST_PEERS else "given"


def _next_band(category: str, leaf: str, value: float, rules: Rules) -> tuple[float, float]:
    """The bound of the next better band in the measure's own unit, and the share of points it would add."""
    if leaf == "aum_size":
        return _next_assets(category, value, rules)
    if leaf.startswith("updown"):
        ladder, size, sign = bands.CAPTURE, value, 1.0
        better = [(bound, share) for bound, share in ladder if value < bound]
        now = next(share for bound, share in ladder if value >= bound)
    else:
        table = bands.EXPENSE.get(bands.kind_of(category), bands.EXPENSE["other"])
        ladder, sign = (bands.DRAWDOWN, -1.0) if leaf == "max_drawdown" else (table, 1.0)
        size = -value if leaf == "max_drawdown" else value
        better = [(bound, share) for bound, share in ladder if size > bound]
        now = next(share for bound, share in ladder if size <= bound)
    if not better:
        return np.nan, np.nan
    bound, share = better[-1]
    return sign * bound, share - now


def _next_assets(category: str, value: float, rules: Rules) -> tuple[float, float]:
    size, bounds = value / rules.assets_unit, bands.asset_bounds(category)
    held = [low <= size <= high for low, high in bounds]
    step = held.index(True) if any(held) else len(bounds)
    if step == 0:
        return np.nan, np.nan
    low, high = bounds[step - 1]
    gain = bands.ASSET_SHARES[step - 1] - bands.ASSET_SHARES[step]
    return (low if size < low else high) * rules.assets_unit, gain


def next_quartile(scores: pd.DataFrame, fund_id: str) -> tuple[float, float]:
    """The scaled score that the last peer of the next better quartile has, and what is missing to it.

    NaN for a fund of the best quartile, or of none.
    """
    peers = peers_of(scores, fund_id)
    place = int(np.flatnonzero(peers["fund_id"] == fund_id)[0])
    rank = ranks(peers["score_scaled"].to_numpy(), np.zeros(len(peers), dtype="int64"))
    quartile = quartiles(rank)
    better = quartile < quartile[place]
    if not better.any():
        return np.nan, np.nan
    nearest = int(np.argmax(np.where(better, rank.position, -1)))
    goal = float(peers["score_scaled"].iloc[nearest])
    return goal, goal - float(peers["score_scaled"].iloc[place])
