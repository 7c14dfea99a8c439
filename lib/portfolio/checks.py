"""Identities that must hold of positions, exposures and snapshots: name, whether it holds, the numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import wording
from lib.portfolio.files import count_rows
from lib.portfolio.marks import has_flag
from lib.portfolio.snapshots import History

Identity = tuple[str, bool, str]
CENT = 0.005


def position_identities(
    positions: pd.DataFrame,
    rows: pd.DataFrame,
    issues: pd.DataFrame,
    *,
    data_rows: int,
    cash: float,
    as_of: str,
) -> list[Identity]:
    """What must hold of the table ``positions``; ``data_rows`` is counted from the file by itself."""
    counts = count_rows(rows, issues)
    held = positions[positions["quantity"] != 0]
    worth = held["quantity"] * held["multiplier"] * held["price"]
    base, base_name = _base(positions, cash)
    weights, gross = positions["weight"].sum(), positions["weight_gross"].sum()
    net = positions["exposure"].sum()
    gained = held["exposure"] - held["cost_basis"]
    late = (positions["price_date"] > pd.Timestamp(as_of)).sum()
    return [
        _equal("Accepted and rejected rows are all rows", counts["accepted"] + counts["rejected"], data_rows),
        _equal("Every accepted row is a position", len(positions), counts["accepted"]),
        _close("Exposure is quantity x multiplier x price", held["exposure"], worth),
        _close("Unrealised profit is exposure less cost", held["unrealized_pnl"], gained),
        _same(f"Weights add up to net exposure over {base_name}", weights, net / base if base > 0 else 0.0),
        _same("Weights by gross add up to one", gross, 1.0 if positions["exposure"].abs().sum() > 0 else 0.0),
        _equal(
            "What is unpriced is flagged",
            int(held["exposure"].isna().sum()),
            int(has_flag(positions, "UNPRICED").sum()),
        ),
        _equal("No price is later than the as-of date", int(late), 0),
    ]


def exposure_identities(
    exposures: pd.DataFrame,
    groups: pd.DataFrame,
    positions: pd.DataFrame,
    greeks: pd.DataFrame | None = None,
) -> list[Identity]:
    """What must hold of the tables ``exposures`` and ``exposure_groups``; ``greeks`` made them."""
    value = exposures.set_index("measure")["value"]
    parts = groups[groups["dimension"] != "tag"].groupby("dimension")[["gross", "net"]].sum()
    net, gross = (
        float(abs(parts[name] - value[name]).max()) if len(parts) else 0.0 for name in ("net", "gross")
    )
    held = int((positions["quantity"] != 0).sum())
    deltas = groups[groups["dimension"] == "underlying"]["delta_adjusted"]
    by_name = deltas.sum() if deltas.notna().any() else value["delta_adjusted_net"]
    return [
        *_by_hand(value["delta_adjusted_net"], positions, greeks),
        (
            "Delta-adjusted exposure of the underlyings is that of the book",
            wording.is_missing(value["delta_adjusted_net"])
            or _same("", by_name, value["delta_adjusted_net"])[1],
            f"{wording.number(by_name, 4)} and {wording.number(value['delta_adjusted_net'], 4)}",
        ),
        _same("Gross is long less short", value["gross"], value["long"] - value["short"]),
        _same("Net is long plus short", value["net"], value["long"] + value["short"]),
        _same("Net asset value is net plus cash", value["nav"], value["net"] + value["cash"]),
        _same("Gross is that of options and of all else", value["gross"], value[_KINDS].sum()),
        _equal("Every position is priced or counted as unpriced", int(value[_COUNTS].sum()), held),
        (
            "Groups that do not overlap add up to the book",
            max(net, gross) < CENT,
            f"off by {max(net, gross):.6f}",
        ),
    ]


def snapshot_identities(history: History, exposures: pd.DataFrame) -> list[Identity]:
    """What must hold of the tables ``snapshots`` and ``snapshot_positions``."""
    table = history.snapshots
    days = table["snapshot_date"]
    earned = float(table["daily_pnl"].iloc[1:].sum())
    run = table["cumulative_pnl"]
    last = float(run.iloc[-1] - run.iloc[0]) if len(table) else 0.0
    nav = float(table["nav"].iloc[-1]) if len(table) and not history.skipped else float("nan")
    now = float(exposures.set_index("measure")["value"]["nav"])
    moves = history.moves["pnl"].sum() if len(table) else 0.0
    today = float(table["daily_pnl"].fillna(0.0).iloc[-1]) if len(table) else 0.0
    return [
        (
            "Days rise and none repeats",
            bool(days.is_monotonic_increasing and days.is_unique),
            f"{len(days)} days",
        ),
        _same("Cumulative profit grows by the daily profits", last, earned),
        _same("The day's profit is that of its positions", today, moves),
        _same("The newest net asset value is that of the book", nav, nav if history.skipped else now),
    ]


_KINDS = ["stock_exposure", "option_exposure"]
_COUNTS = ["priced_count", "unpriced_count"]


def _by_hand(total: float, positions: pd.DataFrame, greeks: pd.DataFrame | None) -> list[Identity]:
    """Delta x multiplier x contracts x price of the underlying, and the exposure of the rest, against it."""
    if greeks is None or wording.is_missing(total):
        return []
    held = positions[(positions["quantity"] != 0) & (positions["kind"] != "manual")]
    option = held["kind"] == "option"
    delta = held["position_id"].map(greeks.set_index("position_id")["delta"]).astype("float64")
    dollars = delta * held["multiplier"] * held["quantity"] * held["underlying_price"]
    summed = float(dollars[option].sum() + held.loc[~option, "exposure"].sum())
    return [_same("Delta-adjusted is delta x contracts x price of the underlying", total, summed)]


def _base(positions: pd.DataFrame, cash: float) -> tuple[float, str]:
    nav = positions["exposure"].sum() + cash
    return (nav, "net asset value") if nav > 0 else (positions["exposure"].abs().sum(), "gross exposure")


def _equal(name: str, left: int, right: int) -> Identity:
    return name, left == right, f"{wording.count(left)} and {wording.count(right)}"


def _same(name: str, left: float, right: float) -> Identity:
    both_missing = wording.is_missing(left) and wording.is_missing(right)
    near = abs(left - right) <= max(CENT, 1e-9 * abs(right)) if not both_missing else True
    return name, bool(near), f"{wording.number(left, 4)} and {wording.number(right, 4)}"


def _close(name: str, left: pd.Series, right: pd.Series) -> Identity:
    """Equal for every row where either is known; null on one side only is a failure."""
    known = left.notna() | right.notna()
    off = (left - right)[known].abs()
    widest = float(np.nanmax(off)) if off.notna().any() else 0.0
    held = bool(off.notna().all() and (off <= CENT).all())
    return name, held, f"{wording.count(int(known.sum()))} rows, widest gap {widest:.2g}"
