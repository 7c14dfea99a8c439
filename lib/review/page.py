"""Exhibits of the client page, arranged from table ``portfolio_report``."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.stats.drawdowns import drawdown

NO_SECTOR = "no sector"
ORIGIN_WORDS = {
    "real": "Observed market prices",
    "constructed": "Computed from observed prices",
    "generated": "Generated, not observed",
    "manual": "Valued by hand",
    "cash": "Cash",
}
QUALITY_WORDS = {
    "rejected_rows": "Rows of the portfolio file that were rejected",
    "warned_rows": "Rows that carry a warning",
    "unpriced_positions": "Positions without a price, in no total",
    "stale_positions": "Positions on an old price",
    "data_errors": "Faults in the prices of these holdings, set aside",
    "data_warnings": "Remarks on the prices of these holdings",
}
RISK_WORDS = {
    "var_95": "Loss exceeded on one day in twenty",
    "cvar_95": "Average of those days",
    "annual_volatility": "Volatility a year",
    "beta": "Move with the benchmark (beta)",
    "max_drawdown": "Deepest fall",
}
SNAPSHOT_LABELS = {
    "snapshot_date": "Day",
    "nav": "Net asset value",
    "daily_pnl": "Profit",
    "daily_return": "Return",
    "cumulative_pnl": "Profit since the first",
}
SNAPSHOT_MONEY = ("nav", "daily_pnl", "cumulative_pnl")
REASONS = {
    "short_history": "history too short",
    "no_returns": "nothing to measure",
    "no_benchmark": "no benchmark",
    "benchmark_missing": "benchmark has no prices",
    "short_benchmark": "benchmark incomplete",
    "zero_variance": "no variation",
}


class Report:
    """Table ``portfolio_report`` with its figures at hand."""

    def __init__(self, frame: pd.DataFrame, currency: str):
        self.frame, self.currency = frame, currency
        self._figures = frame.set_index(["section", "item", "measure"])

    def value(self, section: str, item: str, measure: str) -> float:
        """One figure; NaN when it is missing or is not in the table."""
        key = (section, item, measure)
        return float(self._figures.loc[key, "value"]) if key in self._figures.index else float("nan")

    def note(self, section: str, item: str, measure: str) -> str:
        """The remark or reason beside a figure, empty when there is none."""
        key = (section, item, measure)
        return str(self._figures.loc[key, "note"]) if key in self._figures.index else ""

    def section(self, name: str) -> pd.DataFrame:
        """A section with a row an item and a column a measure, in the order of the table; and ``note``."""
        rows = self.frame[self.frame["section"] == name]
        wide = {
            measure: part.set_index("item")["value"] for measure, part in rows.groupby("measure", sort=False)
        }
        notes = rows.drop_duplicates("item").set_index("item")["note"]
        return pd.DataFrame({**wide, "note": notes}).reindex(notes.index).rename_axis("item").reset_index()

    def text(self, section: str, item: str, measure: str) -> str:
        """One figure for people, by its unit; n/a with its reason when it is missing."""
        rows = self.frame
        unit = rows.loc[(rows["section"] == section) & (rows["measure"] == measure), "unit"]
        reason = first_reason(self.note(section, item, measure))
        value = self.value(section, item, measure)
        return wording.figure(value, unit.iloc[0] if len(unit) else "", self.currency, reason=reason)

    @property
    def shares_of_nav(self) -> bool:
        """Whether shares are of net asset value; of gross exposure otherwise."""
        return self.value("value", "book", "nav") > 0

    @property
    def base_words(self) -> str:
        """What shares are shares of."""
        return "net asset value" if self.shares_of_nav else "gross exposure"


def first_reason(note: str) -> str:
    """The first flag of a note in words, or the note itself where it is a sentence."""
    first = note.split(",")[0]
    return REASONS.get(first, first)


def at_a_glance(report: Report) -> pd.DataFrame:
    """Six lines for the top of the page: what, how much, and what stands beside it."""
    change, loss = report.value("change", "snapshot", "return"), report.value("risk", "1y", "var_95")
    unrealized = report.value("value", "book", "unrealized_pnl")
    short = wording.money(-report.value("value", "book", "short"), report.currency)
    lines = [
        ("Net asset value", _book(report, "nav"), f"of which cash {_book(report, 'cash')}"),
        (
            "Profit since the snapshot before",
            report.text("change", "snapshot", "profit"),
            ""
            if wording.is_missing(change)
            else f"{wording.percent(change, 2, signed=True)} of the value then",
        ),
        ("Profit of the last trading day", _book(report, "daily_pnl"), ""),
        ("Profit since entry", wording.money(unrealized, report.currency, signed=True), "of what is held"),
        ("Long and short", _book(report, "long"), f"short {short}"),
        (
            "A bad day, one in twenty",
            report.text("risk", "1y", "var_95_money"),
            ""
            if wording.is_missing(loss)
            else f"a loss of {wording.percent(loss)} of {report.base_words}, or more",
        ),
    ]
    return pd.DataFrame(lines, columns=["figure", "value", "beside"], dtype="str")


def _book(report: Report, measure: str) -> str:
    return report.text("value", "book", measure)


def holding_labels(report: Report) -> dict[str, str]:
    """Headers of the table of holdings, with what the shares are of."""
    return {
        "item": "Holding",
        "note": "What it is",
        "exposure": f"Value, {report.currency}",
        "share": f"Of {report.base_words}",
        "unrealized_pnl": "Profit since entry",
    }


def risk_table(report: Report) -> pd.DataFrame:
    """Risk in words: what, as a fraction or ratio, in money where it has a meaning, over which past."""
    windows = {"max_drawdown": "all"}
    lines = []
    for name, words in RISK_WORDS.items():
        window = windows.get(name, "1y")
        money = report.value("risk", window, f"{name}_money")
        lines.append(
            (
                words,
                report.text("risk", window, name),
                "" if wording.is_missing(money) else wording.money(money, report.currency),
                "all days" if window == "all" else "last year",
            )
        )
    return pd.DataFrame(lines, columns=["figure", "value", "money", "window"], dtype="str")


def falls(portfolio_returns: pd.DataFrame) -> pd.Series:
    """Fall of today's book from its last peak on every past day; for a chart below zero."""
    depth = drawdown(portfolio_returns["return"].to_numpy())[1:]
    return pd.Series(depth, index=pd.Index(portfolio_returns["date"]), name="Fall")


def in_words(table: pd.DataFrame, words: dict[str, str]) -> pd.DataFrame:
    """A section whose items are names of code, with those in words."""
    return table.assign(item=table["item"].map(words).fillna(table["item"]))


def sectors(report: Report) -> pd.DataFrame:
    """Sectors and their shares; what has no sector is named as what it mostly is."""
    table = report.section("sector").reindex(columns=["item", "share"])
    return in_words(table, {NO_SECTOR: "Funds and others"})


def quality_table(report: Report) -> pd.DataFrame:
    """Counts of everything that is unusual about the data of this book."""
    rows = report.frame[report.frame["section"] == "quality"]
    return pd.DataFrame({"item": rows["measure"].map(QUALITY_WORDS), "count": rows["value"].astype("int64")})


def issue_table(row_issues: pd.DataFrame) -> pd.DataFrame:
    """Rejected rows first, then warnings, by line."""
    rank = row_issues["severity"].map({"rejected": 0, "warning": 1, "info": 2})
    order = row_issues.assign(rank=rank).sort_values(["rank", "line"], kind="stable").index
    return row_issues.loc[order, ["line", "severity", "code", "message"]].reset_index(drop=True)
