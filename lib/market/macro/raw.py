"""What a provider of indicators is asked and what it answers: two raw tables, up to one day."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from lib.contracts import conform, empty
from lib.errors import InputError
from lib.prepare_request import PrepareRequest
from lib.tables import TABLES

ORDER = ["series", "period_end", "released"]


@dataclass
class Raw:
    """Frames of figures as a provider found them, and what it says beside them.

    ``log`` has a row for each series that was asked for and gave none, or was skipped in part: ``item``,
    ``status``, ``skipped`` and ``detail``. A live provider adds how long the answer holds (``validity``),
    what happened (``events``), and facts of this very fetch (``moment``).
    """

    figures: list[pd.DataFrame] = field(default_factory=list)
    log: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[InputError] = field(default_factory=list)
    validity: dict[str, Any] | None = None
    events: list[dict] = field(default_factory=list)
    moment: dict[str, Any] = field(default_factory=dict)

    def tables(self, request: PrepareRequest) -> dict[str, pd.DataFrame]:
        """The raw tables, figures released by the as-of date only."""
        columns = list(empty(TABLES["raw_macro"]))
        kept = [frame[frame["released"] <= request.as_of][columns] for frame in self.figures]
        none = empty(TABLES["raw_macro"])
        figures = pd.concat([one for one in kept if len(one)] or [none], ignore_index=True)
        figures = figures.sort_values(ORDER, kind="stable", ignore_index=True)
        return {
            "raw_macro": conform(figures, TABLES["raw_macro"]),
            "raw_macro_log": conform(self._log(figures), TABLES["raw_macro_log"]),
        }

    def _log(self, figures: pd.DataFrame) -> pd.DataFrame:
        counted = figures.groupby("series").agg(rows=("value", "size"), last_date=("released", "max"))
        told = pd.DataFrame(self.log, columns=["item", "status", "skipped", "detail"]).set_index("item")
        log = told.join(counted.rename_axis("item"), how="outer").sort_index().reset_index()
        return log.assign(
            status=log["status"].astype("str").fillna("ok"),
            rows=log["rows"].fillna(0),
            skipped=log["skipped"].astype("float64").fillna(0),
            detail=log["detail"].astype("str"),
            last_date=pd.to_datetime(log["last_date"]).astype("datetime64[us]"),
        )
