"""What the page of a what-if says: checks, words and sentences, from tables that can be read by eye."""

import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.exhibits import table_exhibit
from lib.pipeline import PIPELINE
from lib.portfolio import suggestion_goals
from lib.portfolio.pages import measures
from lib.portfolio.pages import what_if as page
from lib.portfolio.what_if import EFFECTS, ChangedBook, all_trades
from lib.tables import TABLES

ROOT = Path(__file__).resolve().parents[2]
POSITIONS = pd.DataFrame(
    {"symbol": ["AAA", "BBB"], "quantity": [10.0, -5.0], "price": [100.0, 20.0], "exposure": [1000.0, -100.0]}
)
AFTER = POSITIONS.assign(quantity=[4.0, -5.0], exposure=[400.0, -100.0])
TRADES = pd.DataFrame(
    {
        "kind": ["asked"],
        "purpose": pd.array([None], dtype="str"),
        "action": ["SELL"],
        "symbol": ["AAA"],
        "quantity": [-6.0],
        "price": [90.0],
        "notional": [-540.0],
        **{name: [np.nan] for name in EFFECTS},
        "flags": [""],
    }
)
CHANGED = ChangedBook(AFTER, cash=537.3, trades=TRADES, cash_used=-540.0, cost=2.7, traded=540.0)
IDLE = ChangedBook(POSITIONS, cash=0.0, trades=TRADES.iloc[:0], cash_used=0.0, cost=0.0, traded=0.0)
GREEKS = pd.DataFrame({"delta_dollars": [250.0]})
NO_GOALS = suggestion_goals.reached(pd.DataFrame(columns=suggestion_goals.COLUMNS))


def table(*, scale=0.5):
    rows = [
        ("exposures", "nav", 900.0, 900.0 if scale == 1.0 else 837.3, "money"),
        ("betas", "market_beta", 0.8, 0.8 * scale, "ratio"),
        ("scenarios", "market_down_10", -80.0, -80.0 * scale, "money"),
        ("scenarios", "ir_up_100bp 10Y", 5.0, 5.0, "money"),
        ("stress", "worst_case", -300.0, -300.0 * scale, "money"),
        ("stress", "crash", -300.0, -300.0 * scale, "money"),
        ("stress", "boom_2009", 90.0, 90.0 * scale, "money"),
        ("stress", "old_replay", np.nan, np.nan, "money"),
        ("risk", "annual_volatility_1y", 0.2, 0.2 * scale, "fraction"),
        ("risk", "var_95_1y", 0.021, 0.021 * scale, "fraction"),
    ]
    frame = pd.DataFrame(rows, columns=["section", "measure", "base", "modified", "unit"])
    return frame.assign(change=frame["modified"] - frame["base"])


def held(changed=CHANGED, *, given=GREEKS, own=GREEKS, cash=0.0, frame=None, written=None):
    frame = table() if frame is None else frame
    pages = frame.rename(columns={"base": "value"}) if written is None else written
    found = page.checks(frame, changed, POSITIONS, (given, own), NO_GOALS, written=pages, cash=cash)
    return {one.name: one.passed for one in found}


def test_all_identities_hold_of_a_right_what_if():
    assert all(held().values())
    assert all(held(IDLE, frame=table(scale=1.0)).values())


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"trades": TRADES.assign(flags="UNPRICED")}, "Every trade that is asked for is carried out"),
        ({"trades": TRADES.assign(quantity=-5.0)}, "Units after are units before and the trades"),
        ({"cash": 540.0}, "Net asset value moves by cost and price gaps alone"),
        ({"cost": 3.0}, "Net asset value moves by cost and price gaps alone"),
    ],
)
def test_a_wrong_ledger_fails_its_check(wrong, name):
    found = held(dataclasses.replace(CHANGED, **wrong))
    assert not found[name]


def test_other_greeks_and_changes_without_trades_fail_their_checks():
    other = GREEKS.assign(delta_dollars=260.0)
    assert not held(given=other)["Dollar deltas of today's options are those of the Greeks stage"]
    assert not held(IDLE)["Without a trade nothing changes"]


@pytest.mark.parametrize(
    ("measure", "value", "same"),
    [
        ("market_beta", 0.8, True),
        ("market_beta", np.nextafter(0.8, 1.0), False),
        ("market_beta", np.nan, False),
        ("old_replay", 1.0, False),
        ("nav", 900.0 * (1 + 1e-10), False),
        ("nav", 900.1, False),
    ],
)
def test_a_measure_that_another_page_gives_otherwise_fails_its_check(measure, value, same):
    pages = table().rename(columns={"base": "value"})
    pages.loc[pages["measure"] == measure, "value"] = value
    assert held(written=pages)["Today's measures are those of the other pages"] is same


def shown_as(frame, columns, source="what_if"):
    """The texts of a table exhibit by row, as a page shows them; and the attributes of its cells."""
    made = table_exhibit(frame, title="T", declared=TABLES[source].columns, columns=columns, first=100)
    cells = [re.findall("<td([^>]*)>(?:<span[^>]*>)?([^<]*)", row) for row in made.html.split("<tr>")[2:]]
    texts = pd.DataFrame([[text for _, text in row] for row in cells], columns=columns)
    return texts, [[looks for looks, _ in row] for row in cells]


def test_measures_are_in_words_and_numbers_in_their_units():
    shown, looks = shown_as(measures.in_words(table()), list(page.ALL_MEASURES))
    shown = shown.set_index("measure")
    assert all('class="n"' in one for row in looks for one in row[2:])
    assert 'data-v="-40"' in looks[2][3]
    minus = "\u2212"
    assert shown.loc[f"Market {minus}10%", "change"] == "+40.00"
    assert "10Y yield +100\u00a0bp" in shown.index
    assert shown.loc["VaR 95% 1y", ["base", "change"]].tolist() == ["2.10%", f"{minus}1.05 points"]
    assert shown.loc["Market beta", ["modified", "change"]].tolist() == ["0.40", f"{minus}0.40"]
    assert shown.loc["Old replay"].tolist()[1:] == ["n/a", "n/a", "n/a"]
    assert measures.in_words(table())["base"].dtype == "float64"
    assert shown.loc["Net asset value", "change"] == f"{minus}62.70"


def test_the_headline_is_in_its_own_order_and_skips_what_is_not_there():
    shown = measures.headline(table().iloc[::-1])["measure"].tolist()
    assert shown[:3] == ["Market beta", "Market \u221210%", "Worst scenario"]
    assert len(shown) == 5


def test_stress_changes_leave_out_the_worst_case_and_what_is_missing():
    changes = measures.stress_changes(table(), {"boom_2009": "Boom of 2009"})
    assert changes["words"].tolist() == ["Crash", "Boom of 2009"]
    assert changes["change"].tolist() == [150.0, -45.0]


def test_sentences_say_what_the_numbers_say():
    said = page.trades_sentence(CHANGED, "USD", 50.0)
    assert "1 trade: USD\u00a0540.00 traded, which brings 540.00 into cash" in said
    assert "2.70 (50.0 basis points)" in said
    assert "no cost assumed" in page.trades_sentence(CHANGED, "USD", 0.0)
    bought = dataclasses.replace(CHANGED, cash_used=540.0)
    assert "which takes 540.00 from cash" in page.trades_sentence(bought, "USD", 50.0)
    left = dataclasses.replace(CHANGED, trades=TRADES.assign(flags="UNPRICED"))
    assert "of which 1 cannot be carried out" in page.trades_sentence(left, "USD", 0.0)
    assert "0.80 to 0.40" in page.impact_sentence(table(), CHANGED)
    assert "2.10% to 1.05%" in page.impact_sentence(table(), CHANGED)
    stress = page.stress_sentence(table(), CHANGED, "USD", {"crash": "The crash"})
    both = table()
    both.loc[both["measure"] == "boom_2009", "change"] = 10.0
    assert page.stress_sentence(both, CHANGED, "USD", {}).startswith("2 of 2 scenarios get")
    assert stress.startswith(
        "1 of 2 scenarios get better; the worst is The crash at USD\u00a0\u2212300.00 today"
    )


def test_what_has_no_figure_is_said_in_words_and_never_as_numbers():
    frame = table()
    frame.loc[frame["section"] != "betas", ["base", "modified"]] = np.nan
    said = page.impact_sentence(frame, CHANGED)
    assert said == (
        "The market beta goes from 0.80 to 0.40; the one-day value at risk (95%, one year) and volatility "
        "cannot be computed for both books."
    )
    assert page.verdict(frame, CHANGED, all_trades(TRADES), "USD") == said
    frame[["base", "modified"]] = np.nan
    assert "n/a" not in page.impact_sentence(frame, CHANGED)


def test_without_trades_every_sentence_says_so():
    everything = all_trades(IDLE.trades)
    same = table(scale=1.0)
    assert page.trades_sentence(IDLE, "USD", 0.0) == page.NO_TRADES
    assert page.impact_sentence(same, IDLE) == page.NO_TRADES
    assert page.stress_sentence(same, IDLE, "USD", {}) == page.NO_TRADES
    assert page.verdict(same, IDLE, everything, "USD").startswith("No trades are asked for; 0")
    assert page.suggestions_sentence(everything).startswith("Nothing is suggested")


def test_key_figures_count_what_is_asked_and_what_is_suggested():
    every = all_trades(TRADES, TRADES.assign(kind="suggested", purpose="hedge"), TRADES.iloc[:0])
    found = {one.name: one for one in page.key_figures(table(), CHANGED, every, "USD")}
    assert found["trades_asked"].value == 1
    assert found["trades_asked"].sentence.endswith(", 1 suggested.")
    assert found["market_beta_after"].value == pytest.approx(0.4)
    assert found["worst_stress_after"].value == -150.0
    assert "after the trades asked for" in found["var_95_after"].sentence


def test_a_suggestion_that_raises_the_value_at_risk_is_told_and_not_counted():
    hedge = TRADES.assign(kind="suggested", purpose="hedge", quantity=np.nan, notional=np.nan)
    every = all_trades(TRADES, hedge.assign(flags="RAISES_RISK", factor_var_change=12.0))
    assert "AAA is left out" in page.suggestions_sentence(every)
    assert page.suggestions_sentence(every).startswith("Nothing is suggested.")
    assert page.suggested(every)["remark"].tolist() == ["left out: it raises the value at risk"]
    found = {one.name: one for one in page.key_figures(table(), CHANGED, every, "USD")}
    assert found["trades_asked"].sentence.endswith(", 0 suggested.")


def test_goals_are_shown_in_their_units_and_checked():
    row = ["Goal", "measure", 0.4, 0.151, 0.15, 0.01, "fraction"]
    goals = suggestion_goals.reached(pd.DataFrame([row], columns=suggestion_goals.COLUMNS))
    cells = table_exhibit(goals, title="T", columns=page.GOALS).html
    assert re.findall('<td class="n" data-v="([^"]*)">([^<]*)<', cells) == [
        ("0.4", "40.00%"),
        ("0.151", "15.10%"),
        ("0.15", "15.00%"),
    ]
    missed = goals.assign(reached=False)
    for found, passed in ((goals, True), (missed, False)):
        check = page.checks(
            table(),
            CHANGED,
            POSITIONS,
            (GREEKS, GREEKS),
            found,
            written=table().rename(columns={"base": "value"}),
            cash=0.0,
        )[-1]
        assert check.name == "Goal: the suggestion does what it says" and check.passed is passed
    assert "0 of 1 goal reached" in page.goals_sentence(missed)


def test_the_greeks_of_todays_book_are_those_of_the_run_by_its_own_engine():
    """With another engine the base would differ in its last digits from the page on Greeks."""
    assert "portfolio/greeks" in PIPELINE.stage("portfolio/what_if").repeats
    cells = json.loads((ROOT / "notebooks" / "portfolio" / "what_if.ipynb").read_text())["cells"]
    calls = [line for cell in cells for line in cell["source"] if "greeks.option_greeks(" in line]
    assert len(calls) == 3 and all("**engine)" in line for line in calls)
