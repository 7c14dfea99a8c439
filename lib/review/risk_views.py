"""Table exhibits of the client page: what moves the book, what it could lose, proposed trades."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.review import outlook
from lib.review.page import Report, in_words
from lib.review.views import View

RISK_WORDS = {
    "var_95": "Loss exceeded on one day in twenty",
    "cvar_95": "Average of those days",
    "annual_volatility": "Volatility a year",
    "beta": "Move with the benchmark (beta)",
    "max_drawdown": "Deepest fall",
}
GREEK_WORDS = {
    "delta_dollars": "Moves like shares worth (dollar delta)",
    "gamma_dollars": "Change of that for 1% in the market (dollar gamma)",
    "theta": "For a day of waiting (theta)",
    "vega": "For one point of volatility (vega)",
    "rho": "For one point of interest rate (rho)",
}
RATE_TENOR = "10Y"


def factors(report: Report) -> View:
    """Beta, money behind it and part of the variance of each factor."""
    table = report.section("beta_share", ["item", "share"]).merge(
        outlook.beta_table(report), on="item", how="left", sort=False
    )
    columns = ["item", "beta", "std_error", "dollar_exposure", "share"]
    words = table["item"].map(wording.sentence_case).replace({"Specific": "Specific to single holdings"})
    return {
        "frame": table.assign(item=words)[columns],
        "title": "Factors, their money and their part of the risk",
        "source": "portfolio_betas",
        "labels": {
            "item": "Factor",
            "beta": "Beta",
            "std_error": "Standard error",
            "dollar_exposure": f"Money behind it, {report.currency}",
            "share": "Part of the variance",
        },
        "formats": {"beta": "ratio", "std_error": "ratio", "dollar_exposure": "money", "share": "percent"},
        "missing": dict.fromkeys(("beta", "std_error", "dollar_exposure"), "no factor")
        | {"share": "not computed"},
    }


def components(report: Report) -> View:
    """Which holdings make up the factor value at risk."""
    return {
        "frame": report.section("component", ["item", "note", "value", "share"]),
        "title": "Which holdings the risk comes from",
        "reading": outlook.components_sentence(report),
        "source": "var_components",
        "labels": {
            "item": "Holding",
            "note": "What it is",
            "value": f"Loss one day in twenty, {report.currency}",
            "share": "Of the whole",
        },
        "formats": {"value": "money", "share": "percent"},
        "bars": ["share"],
    }


def risk(report: Report) -> View:
    """Risk in words: what, as a fraction or ratio, in money where it has a meaning, over which past."""
    lines = []
    for name, words in RISK_WORDS.items():
        window = "all" if name == "max_drawdown" else "1y"
        money = report.value("risk", window, f"{name}_money")
        lines.append(
            (
                words,
                report.text("risk", window, name),
                "" if wording.is_missing(money) else wording.money(money, report.currency),
                "all days" if window == "all" else "last year",
            )
        )
    return {
        "frame": pd.DataFrame(lines, columns=["figure", "value", "money", "window"], dtype="str"),
        "title": "Risk of today's holdings",
        "reading": outlook.risk_sentence(report),
        "source": "risk_metrics",
        "labels": {
            "figure": "",
            "value": "Size",
            "money": f"In {report.currency}",
            "window": "Measured over",
        },
    }


def stress(report: Report) -> View:
    """All stress scenarios, the worst first."""
    columns = ["note", "conditional_pnl", "pnl_fraction", "direct_pnl", "correlation_effect"]
    table = report.section("stress", ["item", *columns])
    why = [in_words(report.note("stress", item, "direct_pnl")) for item in table["item"]]
    return {
        "frame": table.assign(why=pd.Series(why, index=table.index, dtype="str")),
        "columns": columns,
        "title": "Every stress scenario, the worst first",
        "source": "stress_pnl",
        "labels": {
            "note": "Scenario",
            "conditional_pnl": f"Profit or loss, {report.currency}",
            "pnl_fraction": f"Of {report.base_words}",
            "direct_pnl": "Named shocks alone",
            "correlation_effect": "What moves with them",
        },
        "formats": dict.fromkeys(("conditional_pnl", "direct_pnl", "correlation_effect"), "money")
        | {"pnl_fraction": "percent"},
        "missing": {"conditional_pnl": "why"},
        "first": 5,
    }


def losers(report: Report) -> View:
    """The holdings that lose most in the worst scenario."""
    return {
        "frame": report.section("stress_position", ["item", "note", "conditional_pnl"]),
        "title": "What would lose most in the worst scenario",
        "source": "stress_positions",
        "labels": {"item": "Holding", "note": "What it is", "conditional_pnl": f"Loss, {report.currency}"},
        "formats": {"conditional_pnl": "money"},
        "bars": ["conditional_pnl"],
    }


def scenarios(report: Report) -> View:
    """Moves of the market, then of the Treasury yield of ten years, by size."""
    columns = ["item", "note", "shock", "linear_pnl", "pnl", "pnl_fraction"]
    market, rates = report.section("scenario", columns), report.section("rate_scenario", columns)
    tenors = rates["note"].unique()
    tenor = RATE_TENOR if RATE_TENOR in tenors else next(iter(tenors), RATE_TENOR)
    rates = rates[rates["note"] == tenor]
    moves = [f"Market {wording.percent(shock, 0, signed=True)}" for shock in market["shock"]]
    moves += [
        f"{tenor} Treasury yield {wording.number(shock, 0, signed=True)} basis points"
        for shock in rates["shock"]
    ]
    table = pd.concat([market, rates], ignore_index=True).assign(item=pd.Series(moves, dtype="str"))
    return {
        "frame": table[["item", "linear_pnl", "pnl", "pnl_fraction"]],
        "title": "What a move of the market or of rates would do",
        "source": "scenario_pnl",
        "labels": {
            "item": "Move",
            "linear_pnl": "In a straight line",
            "pnl": f"Profit or loss, {report.currency}",
            "pnl_fraction": f"Of {report.base_words}",
        },
        "formats": {"linear_pnl": "money", "pnl": "money", "pnl_fraction": "percent"},
        "missing": dict.fromkeys(("linear_pnl", "pnl", "pnl_fraction"), "not computed"),
        "bars": ["pnl"],
    }


def greeks(report: Report) -> View:
    """Sums of the Greeks in words."""
    table = report.section("greek", ["item", "value", "included", "excluded", "note"])
    return {
        "frame": table.assign(item=table["item"].map(GREEK_WORDS)),
        "title": "What the book gains or loses when one thing moves",
        "reading": outlook.greeks_sentence(report),
        "source": "portfolio_greeks",
        "columns": ["item", "value", "included", "excluded"],
        "labels": {
            "item": "Sensitivity",
            "value": f"Amount, {report.currency}",
            "included": "Positions counted",
            "excluded": "Not counted",
        },
        "formats": {"value": "money", "included": "count", "excluded": "count"},
        "missing": {"value": "note"},
    }


def options(report: Report) -> View:
    """The options that move most, one a row."""
    columns = ["note", "delta_dollars", "gamma_dollars", "position_theta", "position_vega", "implied_vol"]
    return {
        "frame": report.section("option", columns),
        "title": "The options one by one",
        "reading": outlook.options_sentence(report),
        "source": "greeks",
        "labels": {
            "note": "Option",
            "delta_dollars": f"Dollar delta, {report.currency}",
            "gamma_dollars": "Dollar gamma",
            "position_theta": "Theta a day",
            "position_vega": "Vega a point",
            "implied_vol": "Volatility",
        },
        "formats": dict.fromkeys(columns[1:5], "money") | {"implied_vol": "percent"},
        "missing": dict.fromkeys(columns[1:], "not computed"),
    }


def groups(report: Report) -> View:
    """Groups of holdings that move together."""
    return {
        "frame": report.section("cluster", ["item", "note", "members", "weight", "average_correlation"]),
        "title": "Groups that move together",
        "source": "clusters",
        "labels": {
            "item": "Group",
            "note": "Members",
            "members": "How many",
            "weight": "Of the money",
            "average_correlation": "Mean correlation",
        },
        "formats": {"members": "count", "weight": "percent", "average_correlation": "ratio"},
    }


def what_if(report: Report) -> View:
    """What the asked trades would change."""
    table = report.section("what_if", ["item", "base", "modified", "change"])
    units = report.frame[report.frame["section"] == "what_if"].drop_duplicates("item")["unit"].tolist()
    words = {
        name: [wording.figure(value, unit) for value, unit in zip(table[name], units, strict=True)]
        for name in ("base", "modified", "change")
    }
    return {
        "frame": pd.DataFrame({"item": table["item"], **words}, dtype="str"),
        "title": "What the trades that were asked for would change",
        "reading": outlook.what_if_sentence(report),
        "source": "what_if",
        "labels": {"item": "Measure", "base": "Today", "modified": "After", "change": "Change"},
    }


def proposed(report: Report) -> View:
    """The trades that were asked for and those that are suggested."""
    table = report.section("what_if_trade", ["item", "note", "quantity", "notional"])
    kinds = table["item"].astype("str").str.split(" ").str[0]
    notes = [in_words(report.note("what_if_trade", item, "notional")) for item in table["item"]]
    remarks = pd.Series(notes, index=table.index, dtype="str").str.lower()
    return {
        "frame": table.assign(item=kinds.map(wording.sentence_case), remark=remarks),
        "title": "The trades that are thought of",
        "source": "what_if_trades",
        "labels": {
            "item": "Kind",
            "note": "Trade",
            "quantity": "Shares or contracts",
            "notional": f"Money, {report.currency}",
            "remark": "Remark",
        },
        "formats": {"quantity": "number", "notional": "money"},
        "missing": {"notional": "no price"},
        "first": 6,
    }
