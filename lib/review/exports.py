"""The client page for other programs and for mail: Markdown, JSON and a CSV of positions, as text.

All three are made of the tables that the page is made of. Numbers in CSV and JSON are as stored, without
thousands separators; a missing one is empty or null. Text in CSV that a spreadsheet would run as a formula
gets an apostrophe in front (CWE-1236); numbers stay numbers.
"""

from __future__ import annotations

import json
import re
from dataclasses import fields
from typing import Any

import pandas as pd

from lib import wording
from lib.exhibits.cells import Cells
from lib.review.sources import Tables, delta_exposure
from lib.review.views import View

STRATEGY = "#strategy:"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
BREAKS = re.compile(r"[\r\n\0]")
MOST_JSON_ROWS = 50_000
MARKUP = re.compile(r"([\\`*_{}\[\]<>#|!~&])")
GREEKS = {
    "Delta": "position_delta",
    "Gamma": "position_gamma",
    "Theta": "position_theta",
    "Vega": "position_vega",
    "Rho": "position_rho",
    "Gamma_Dollars": "gamma_dollars",
    "Implied_Volatility": "implied_vol",
}
COLUMNS = {
    "Symbol": "symbol",
    "Position_Type": "position_type",
    "Quantity": "quantity",
    "Entry_Price": "entry_price",
    "Current_Price": "price",
    "Market_Value": "market_value",
    "Cost_Basis": "cost_basis",
    "Unrealized_PnL": "unrealized_pnl",
    "Realized_PnL": "realized_pnl",
    "Delta": "",
    "Gamma": "",
    "Theta": "",
    "Vega": "",
    "Rho": "",
    "Delta_Dollars": "",
    "Gamma_Dollars": "",
    "Tags": "",
    "Strategy_Tags": "",
    "Underlying_Symbol": "underlying",
    "Strike_Price": "strike",
    "Expiry_Date": "expiry",
    "Days_To_Expiry": "",
    "Implied_Volatility": "",
    "Entry_Date": "entry_date",
    "Sector": "sector",
    "Industry": "",
}


def file_names(portfolio: str, as_of: str) -> dict[str, str]:
    """Names of the three files by kind: report, data and positions."""
    endings = {"report": "md", "data": "json", "positions": "csv"}
    return {kind: f"{portfolio}_{kind}_{as_of}.{ending}" for kind, ending in endings.items()}


def positions_frame(tables: Tables, as_of: str) -> pd.DataFrame:
    """One row a position, exited ones included, with the 26 columns of ``COLUMNS``.

    Greeks are of the whole position: delta in shares, gamma in shares for one unit of price, theta, vega and
    rho in money. A held position that is no option has its quantity as delta and its exposure as dollar
    delta; its other Greeks are empty, as are those of holdings valued by hand.
    """
    positions = tables.positions
    ids = positions["position_id"]
    greeks = tables.greeks.set_index("position_id")
    own = {name: positions[column] for name, column in COLUMNS.items() if column}
    of_options = {name: ids.map(greeks[column]).astype("float64") for name, column in GREEKS.items()}
    linear = ~positions["kind"].isin(["option", "manual"]) & (positions["quantity"] != 0)
    units = positions["quantity"] * positions["multiplier"]
    tags, strategies = split_tags(positions["tags"])
    industry = tables.instruments.drop_duplicates("symbol").set_index("symbol")["industry"]
    made = {
        "Delta": of_options["Delta"].where(~linear, units),
        "Delta_Dollars": ids.map(delta_exposure(tables)).astype("float64"),
        "Tags": tags,
        "Strategy_Tags": strategies,
        "Days_To_Expiry": (positions["expiry"] - pd.Timestamp(as_of)).dt.days.astype("Int64"),
        "Industry": positions["underlying"].map(industry),
    }
    return pd.DataFrame({**own, **of_options, **made})[list(COLUMNS)]


def split_tags(tags: pd.Series) -> tuple[list[str], list[str]]:
    """Each row's tags, and its strategy tags without their prefix, comma separated."""
    parts = [[tag for tag in str(text).split(",") if tag] for text in tags.fillna("")]
    plain = [",".join(tag for tag in one if not tag.startswith(STRATEGY)) for one in parts]
    named = [",".join(tag.removeprefix(STRATEGY) for tag in one if tag.startswith(STRATEGY)) for one in parts]
    return plain, named


def positions_csv(tables: Tables, as_of: str) -> str:
    """The CSV of positions: dates as ISO text, numbers as stored, formulas in text made harmless."""
    frame = positions_frame(tables, as_of)
    for name in frame.columns:
        if pd.api.types.is_datetime64_any_dtype(frame[name]):
            frame[name] = frame[name].dt.strftime("%Y-%m-%d")
        elif not pd.api.types.is_numeric_dtype(frame[name]):
            frame[name] = frame[name].map(harmless, na_action="ignore")
    return str(frame.to_csv(index=False, lineterminator="\n"))


def harmless(text: Any) -> str:
    """Text that no spreadsheet takes for a formula, on one line.

    An apostrophe goes before = + - @ and control signs; a break within would begin a row of its own, so it
    becomes a space.
    """
    text = str(text)
    mark = "'" if text.startswith(FORMULA_STARTS) else ""
    return mark + BREAKS.sub(" ", text)


def data_json(report: pd.DataFrame, tables: Tables, about: dict[str, str]) -> str:
    """Everything that the page is made from: what it is about, its figures, and its tables as records.

    A table of more than 50,000 rows is named with its number of rows only; the run keeps it as Parquet.
    """
    frames = {"portfolio_report": report, **{one.name: getattr(tables, one.name) for one in fields(tables)}}
    kept = {name: frame for name, frame in frames.items() if len(frame) <= MOST_JSON_ROWS}
    content = {
        "about": about,
        "tables": {name: _records(frame) for name, frame in kept.items()},
        "rows_of_tables_left_out": {name: len(frame) for name, frame in frames.items() if name not in kept},
    }
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def _records(frame: pd.DataFrame) -> list[dict]:
    plain = frame.copy()
    for name in plain.columns:
        if pd.api.types.is_datetime64_any_dtype(plain[name]):
            plain[name] = plain[name].dt.strftime("%Y-%m-%d")
    missing = plain.isna()
    return plain.astype("object").mask(missing, None).to_dict("records")


def markdown(title: str, parts: dict[str, list[View | str]], limits: list[str]) -> str:
    """The page as Markdown: a heading a part, and in it sentences and tables in the order of the page."""
    lines = [f"# {_plain(title)}", ""]
    for heading, content in parts.items():
        lines += [f"## {heading}", ""]
        for one in content:
            lines += [_plain(one), ""] if isinstance(one, str) else _view(one)
    lines += ["## What this does not show", "", *(f"- {_plain(limit)}" for limit in limits)]
    return "\n".join(lines) + "\n"


def _view(view: View) -> list[str]:
    """A table exhibit as Markdown, with its numbers written as on the page."""
    lines = [f"### {_plain(view['title'])}", ""]
    frame = view["frame"]
    shown = view.get("columns") or list(frame.columns)
    if view.get("reading"):
        lines += [_plain(view["reading"]), ""]
    if frame.empty:
        return [*lines, "No rows.", ""]
    columns = [_column(frame, name, view) for name in shown]
    heads = [_head(name, view) for name in shown]
    lines += [_line(heads), _line(["---"] * len(heads))]
    return [*lines, *(_line(list(cells)) for cells in zip(*columns, strict=True)), ""]


def _column(frame: pd.DataFrame, name: str, view: View) -> list[str]:
    reason = view.get("missing", {}).get(name, "")
    reasons = frame[reason].tolist() if reason in frame else [reason] * len(frame)
    cells = Cells(frame[name], _kind(frame[name], view.get("formats", {}).get(name, "")))
    return [
        _plain(wording.not_available(str(why)) if wording.is_missing(value) else cells.text(value))
        for value, why in zip(frame[name].tolist(), reasons, strict=True)
    ]


def _kind(values: pd.Series, given: str) -> str:
    if given:
        return given
    if pd.api.types.is_datetime64_any_dtype(values):
        return "date"
    if pd.api.types.is_integer_dtype(values):
        return "count"
    return "number" if pd.api.types.is_numeric_dtype(values) else "text"


def _head(name: str, view: View) -> str:
    label = view.get("labels", {}).get(name, wording.sentence_case(name))
    unit = ", %" if view.get("formats", {}).get(name) == "percent" else ""
    return _plain(f"{label}{unit}")


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: object) -> str:
    """Text that Markdown shows as it is, on one line."""
    return MARKUP.sub(r"\\\1", " ".join(str(text).split(" ")).replace("\r", " ").replace("\n", " "))
