"""How fast the book could be sold: by position, and how much of it within days; what is not known by name."""

from __future__ import annotations

import pandas as pd

from lib import checks as check
from lib import codes, wording
from lib.book import names_of
from lib.checks import Check
from lib.risk.liquidity import HORIZONS, MANUAL, UNKNOWN
from lib.tables.columns import fraction, money, text

MOST_NAMED = 5
PARTS = (
    text("within", label="Within"),
    fraction("sold", label="Sold, of gross exposure", absent="no volume known"),
    fraction("left", label="Still held", absent="no volume known"),
    fraction("not_known", label="Volume not known", absent="no exposure"),
)
BY_POSITION = (
    text("position"),
    money("exposure", absent="no price"),
    "volume_21",
    "volume_63",
    "days_to_sell",
    *(f"sold_{days}" for days in HORIZONS),
)


def parts(within: pd.DataFrame) -> pd.DataFrame:
    """Parts of the book by horizon, in words; one row where nothing is known."""
    if within["sold"].isna().all():
        return within.head(1).assign(within="Any number of days")
    return within.assign(within=[wording.plural(int(days), "day") for days in within["days"]])


def by_position(table: pd.DataFrame, holdings: pd.DataFrame) -> pd.DataFrame:
    """Positions that have an average volume, the slowest first, with name and exposure."""
    known = table[~table["reason"].isin([UNKNOWN, MANUAL])]
    named = known.assign(
        position=known["position_id"].map(names_of(holdings)),
        exposure=known["position_id"].map(holdings.set_index("position_id")["exposure"]),
        reason=known["reason"].map(codes.words),
    )
    order = ["days_to_sell", "position_id"]
    return named.sort_values(order, ascending=[False, True], na_position="first", ignore_index=True)


def sentence(
    table: pd.DataFrame, within: pd.DataFrame, holdings: pd.DataFrame, *, participation: float
) -> str:
    """How much is sold in 1, 5 and 20 days, what takes longest, and of what no volume is known."""
    if table.empty:
        return "The book holds no positions, so there is nothing to sell."
    unknown = _not_known(table, within, holdings)
    known = by_position(table, holdings)
    if known.empty:
        return f"How fast the book could be sold is not known. {unknown}"
    shares = [wording.percent(value) for value in within["sold"]]
    days = [wording.plural(int(one), "day") for one in within["days"]]
    sold = wording.joined(f"{share} in {one}" for share, one in zip(shares, days, strict=True))
    said = f"At {wording.percent(participation, 0)} of average volume, of gross exposure is sold {sold}."
    return f"{said} {_slowest(known)} {unknown}".strip()


def positions_sentence(known: pd.DataFrame) -> str:
    """What takes longest and how many take over a day; ``known`` as ``by_position`` gives it."""
    slow = int((~(known["days_to_sell"] <= 1.0)).sum())
    over = "none of them takes" if not slow else f"{slow} {'takes' if slow == 1 else 'take'}"
    return f"{_slowest(known)} Of {wording.plural(len(known), 'position')} {over} more than a day."


def _slowest(known: pd.DataFrame) -> str:
    first = known.iloc[0]
    if wording.is_missing(first["days_to_sell"]):
        return f"{first['position']} was not traded at all."
    return f"{first['position']} takes longest, {wording.number(first['days_to_sell'], 1)} days."


def _not_known(table: pd.DataFrame, within: pd.DataFrame, holdings: pd.DataFrame) -> str:
    lacking = table[table["reason"].isin([UNKNOWN, MANUAL])]
    if lacking.empty:
        return ""
    share = wording.percent(within["not_known"].iloc[0], reason="no exposure")
    if len(lacking) == len(table):
        return (
            f"The prices hold no volume for any of the {wording.plural(len(table), 'position')}, {share} of "
            "gross exposure; price files with a column volume would."
        )
    names = pd.Series(names_of(holdings)).reindex(lacking["position_id"])
    sizes = holdings.set_index("position_id")["exposure"].abs().reindex(lacking["position_id"])
    ordered = names[sizes.sort_values(ascending=False, kind="stable").index]
    return f"No volume is known of {wording.named(ordered, MOST_NAMED)}, {share} of gross exposure."


def checks(table: pd.DataFrame, within: pd.DataFrame) -> list[Check]:
    """That parts are parts, and that more time never sells less."""
    sold = within["sold"]
    return [
        check.within(
            "Parts of the book that are sold, left and not known lie between none and all",
            pd.concat([sold, within["left"], within["not_known"]]),
            0.0,
            1.0,
            words=wording.percent,
        ),
        check.ordered("More days never sell less", sold.iloc[:-1], sold.iloc[1:].set_axis(sold.index[:-1])),
        check.holds(
            "Every position has days to sell or a reason",
            bool((table["days_to_sell"].notna() == (table["reason"] == "")).all()),
            wording.plural(len(table), "position"),
        ),
    ]
