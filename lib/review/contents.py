"""The client page in the order of a client's questions: what the Markdown export holds of each part."""

from __future__ import annotations

from lib import wording
from lib.review import exports, outlook, risk_views, sentences, views
from lib.review.page import Report
from lib.review.sources import Tables

LIMITS = [
    "What the portfolio earned before its first snapshot, and fees, taxes and interest at any time.",
    "What will happen: losses are those of today's holdings in past markets and in chosen scenarios.",
    "What American options are worth beyond the European model that prices them here.",
    "What holdings valued by hand would fetch: their price is the owner's, and no risk figure counts them.",
    "Advice: the page says what is held and what it could lose, not what to do.",
]


def markdown(report: Report, tables: Tables, name: str, as_of: str) -> str:
    """The whole page as Markdown, with the sentences of the charts in place of the charts."""
    parts: dict[str, list] = {
        "At a glance": [sentences.headline(report, name, as_of), views.glance(report, name)],
        "What changed?": [views.movers(report), views.trades(report), views.history(tables.snapshots)],
        "What is held?": [views.split(report), views.holdings(report), sentences.sectors_sentence(report)],
        "What moves it?": [
            outlook.beta_sentence(report),
            risk_views.factors(report),
            risk_views.components(report),
        ],
        "What could it lose?": [
            risk_views.risk(report),
            outlook.drawdown_sentence(report),
            outlook.stress_sentence(report),
            risk_views.stress(report),
            risk_views.losers(report),
            outlook.scenario_sentence(report),
            risk_views.scenarios(report),
        ],
        "What do the options do?": [risk_views.greeks(report), risk_views.options(report)],
        "Which holdings move together?": [outlook.groups_sentence(report), risk_views.groups(report)],
        "What would the trades that are thought of change?": [
            risk_views.what_if(report),
            risk_views.proposed(report),
        ],
        "How far can these figures be trusted?": [
            views.origins(report),
            views.coverage(report),
            views.quality(report),
            views.issues(tables.row_issues),
            views.assumptions(report),
        ],
    }
    return exports.markdown(f"{name}, {wording.date(as_of)}", parts, LIMITS)


def purposes(names: dict[str, str]) -> dict[str, str]:
    """What each of the three files is for, by name; ``names`` as ``exports.file_names`` gives them."""
    return {
        names["report"]: "this page as text, for mail and notes",
        names["data"]: "every figure and table, for programs",
        names["positions"]: "one row a position, for a spreadsheet",
    }
