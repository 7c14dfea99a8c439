"""What each indicator would have to be for its next better and next worse step, and what that would do.

All other indicators stay as they are; a step's worth is scaled like the points of its block.
"""

from __future__ import annotations

import pandas as pd

from lib.funds.ladder import WHOLE, Indicator, Ladder, Rung
from lib.funds.market_score import TOTAL

SIGNS = {">=": "≥", "<=": "≤"}
COLUMNS = ["indicator", "block", "value", "unit", "way", "needed", "change", "total", "stance", "changes"]


def next_steps(scores: pd.DataFrame, ladder: Ladder) -> pd.DataFrame:
    """One row an indicator and way (better, worse) of the last date, those that change the stance first."""
    last = scores[scores["score_date"] == scores["score_date"].max()]
    own = last[last["indicator"] != TOTAL].set_index("indicator")
    blocks = last[(last["indicator"] == TOTAL) & (last["block"] != TOTAL)].set_index("block")
    total = last[last["block"] == TOTAL].iloc[0]
    known = sum(ladder.blocks[name] for name in blocks.index[blocks["points"].notna()])
    rows = []
    for one in ladder.indicators:
        if own.loc[one.name, "status"] != "ok":
            continue
        worth = ladder.blocks[one.block] / blocks.loc[one.block, "max_points"] * WHOLE / known
        rows += _of(one, own.loc[one.name], worth, total, ladder)
    table = pd.DataFrame(rows, columns=COLUMNS)
    size = table["change"].astype("float64").abs()
    order = table.assign(size=size).sort_values(
        ["changes", "size", "indicator"], ascending=[False, False, True]
    )
    return order.drop(columns="size").reset_index(drop=True)


def stance_of(points: float, ladder: Ladder) -> str:
    """The stance at a total."""
    if points >= ladder.stance["bullish"] - 1e-9:
        return "bullish"
    return "neutral" if points >= ladder.stance["neutral"] - 1e-9 else "bearish"


def _of(one: Indicator, row: pd.Series, worth: float, total: pd.Series, ladder: Ladder) -> list[tuple]:
    found = []
    better = [rung for rung in one.rungs if rung.points > row["points"] + 1e-9]
    worse = [rung for rung in one.rungs if rung.points < row["points"] - 1e-9]
    nearest = [("better", min(better, key=lambda rung: rung.points))] if better else []
    nearest += [("worse", max(worse, key=lambda rung: rung.points))] if worse else []
    won = next(rung for rung in one.rungs if abs(rung.points - row["points"]) < 1e-9)
    for way, rung in nearest:
        change = (rung.points - row["points"]) * worth
        after = float(total["points"]) + change
        stance = stance_of(after, ladder) if total["status"] == "ok" else None
        moved = stance is not None and stance != total["stance"]
        needed = in_words(rung) if way == "better" else f"no longer {in_words(won)}"
        found.append(
            (one.name, one.block, row["value"], row["unit"], way, needed, change, after, stance, bool(moved))
        )
    return found


def in_words(rung: Rung) -> str:
    """The conditions of a rung, joined."""
    return " and ".join(
        f"{one.series}{f' less {one.less}' if one.less else ''} {SIGNS.get(one.sign, one.sign)} {one.bound:g}"
        for one in rung.when
    )
