"""What can be repaired without inventing anything: days that came twice, and ranges that were miswritten.

Every repair is logged with the figure before and after (table ``repairs``), and ``raw_prices`` keeps what
came. The repairs are made here, in ``market/prices``, since the stages after it read ``prices``.

Rules: ``DUP_KEY`` of identical rows one is kept, nothing is lost and nothing logged as a repair.
``DUP_CONFLICT`` of rows with one symbol and day but other figures the last in the provider's order is kept.
``SWAPPED_RANGE`` high below low, and right once both are exchanged: they are exchanged. ``REPAIRED_RANGE``
high or low too narrow for open and close: high becomes the largest and low the smallest of the four, as long
as open and close themselves agree within the jump limit. Closes are never altered.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.market.quality.details import figures_of
from lib.market.quality.issues import issues

KEY = ["symbol", "date"]
FIGURES = ("open", "high", "low", "close", "adj_close", "volume", "dividend", "split")
REPAIR = ["date", "symbol", "rule", "column", "before", "after", "source"]

Repaired = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]
"""Bars, rows of ``repairs``, rows of ``data_issues``."""


def one_a_day(bars: pd.DataFrame) -> Repaired:
    """Bars sorted by symbol and day in which every day is there once."""
    bars = bars.sort_values(KEY, kind="stable", ignore_index=True)
    twice = bars.duplicated()
    same = issues(bars[twice], "DUP_KEY", "info", "identical row, one kept", "dropped")
    bars = bars[~twice].reset_index(drop=True)
    earlier = bars[bars.duplicated(KEY, keep="last")]
    kept = bars.drop_duplicates(KEY, keep="last").reset_index(drop=True)
    later = earlier[KEY].merge(kept, on=KEY, how="left").set_axis(earlier.index)
    detail = _in_words(earlier, later).mask(lambda text: text == "", "other source, same figures")
    other = issues(earlier, "DUP_CONFLICT", "warning", "the later row is kept: " + detail, "dropped")
    return kept, _log(earlier, later, "DUP_CONFLICT"), _joined([same, other])


def mend_ranges(bars: pd.DataFrame, *, jump_limit: float) -> Repaired:
    """Bars (every price positive and finite, closes given) whose high and low hold open and close.

    What high and low alone cannot explain is left as it is.
    """
    mended = bars.copy()
    swapped, narrow = _swapped(bars), _too_narrow(bars, jump_limit)
    mended.loc[swapped, ["high", "low"]] = bars.loc[swapped, ["low", "high"]].to_numpy()
    four = bars.loc[narrow, ["open", "high", "low", "close"]]
    mended.loc[narrow, "high"] = four.max(axis=1).where(four["high"].notna())
    mended.loc[narrow, "low"] = four.min(axis=1).where(four["low"].notna())
    logs, told = [], []
    for rule, touched in (("SWAPPED_RANGE", swapped), ("REPAIRED_RANGE", narrow)):
        before, after = bars[touched], mended[touched]
        logs.append(_log(before, after, rule))
        told.append(issues(before, rule, "warning", _in_words(before, after), "repaired"))
    return mended, _joined(logs), _joined(told)


def gathered_repairs(logs: list[pd.DataFrame]) -> pd.DataFrame:
    """All repairs by symbol, day and rule, typed even when there are none."""
    table = _joined(logs).reindex(columns=REPAIR)
    types = {"date": "datetime64[us]", "before": "float64", "after": "float64"}
    text = dict.fromkeys(["symbol", "rule", "column", "source"], "str")
    table = table.astype(types | text)
    return table.sort_values(["symbol", "date", "rule"], kind="stable", ignore_index=True)


def not_as_logged(prices: pd.DataFrame, repairs: pd.DataFrame) -> int:
    """Repaired figures that the bars kept do not show; a later repair of the same figure counts."""
    key = [*KEY, "column"]
    last = repairs.drop_duplicates(key, keep="last")
    wide = prices[prices["symbol"].isin(last["symbol"]) & prices["date"].isin(last["date"])]
    shown = wide.melt(KEY, last["column"].unique().tolist(), var_name="column", value_name="shown")
    both = last.merge(shown, on=key)
    return int(_differs(both["shown"], both["after"]).sum())


def _swapped(bars: pd.DataFrame) -> pd.Series:
    """High below low, and holding open and close once exchanged."""
    middle = bars[["open", "close"]]
    held = (bars["low"] >= middle.max(axis=1)) & (bars["high"] <= middle.min(axis=1))
    return (bars["high"] < bars["low"]) & held


def _too_narrow(bars: pd.DataFrame, jump_limit: float) -> pd.Series:
    """High or low that open or close exceeds, where open and close agree and high is not below low."""
    top, bottom = bars[["open", "close"]].max(axis=1), bars[["open", "close"]].min(axis=1)
    short = (bars["high"] < top) | (bars["low"] > bottom)
    near = top <= bottom * np.exp(jump_limit)
    return short & near & ~(bars["high"] < bars["low"])


def _log(before: pd.DataFrame, after: pd.DataFrame, rule: str) -> pd.DataFrame:
    """A row for each figure that differs between two frames of the same rows; ``source`` is that before."""
    parts = [
        before.loc[differs, ["date", "symbol", "source"]].assign(
            rule=rule, column=name, before=before.loc[differs, name], after=after.loc[differs, name]
        )
        for name in FIGURES
        if (differs := _differs(before[name], after[name])).any()
    ]
    return _joined(parts)


def _in_words(before: pd.DataFrame, after: pd.DataFrame) -> pd.Series:
    """What differs in each row: "high 99 becomes 101, low 101 becomes 99"."""
    text = pd.Series("", index=before.index, dtype="str")
    for name in FIGURES:
        change = f", {name} " + figures_of(before[name]) + " becomes " + figures_of(after[name])
        text = text + change.where(_differs(before[name], after[name]), "")
    return text.str.removeprefix(", ")


def _differs(before: pd.Series, after: pd.Series) -> pd.Series:
    return ~((before == after) | (before.isna() & after.isna()))


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """The frames that have rows, as one; the first when none has."""
    filled = [one for one in parts if len(one)]
    return pd.concat(filled, ignore_index=True) if filled else (parts[0] if parts else pd.DataFrame())
