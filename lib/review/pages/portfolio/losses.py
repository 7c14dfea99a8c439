"""What the book could lose: in past markets, in stress scenarios, and by moves of the market and of rates."""

from __future__ import annotations

import pandas as pd

from lib import codes, stress_order, wording
from lib.review.losses import falls
from lib.review.pages.portfolio.review import HOLDING, NOT_NAMED, Review, gain_or_lose, said
from lib.review.section import Section
from lib.tables.columns import count, fraction, money, p_value, ratio, text

BY_HAND = "manual_left_out"
A_TENTH = 0.1
BOTH_ENDS = 5
OVER = {"1y": "the last year", "3y": "3 years", "5y": "5 years", "all": "all days"}
RATE_TENOR = "10Y"
RISK_LINES = (
    ("var_95", "1y", "Loss exceeded on one day in twenty"),
    ("cvar_95", "1y", "Average of those days"),
    ("var_99", "3y", "Loss exceeded on one day in a hundred"),
    ("cvar_99", "3y", "Average of those days"),
    ("var_95_10d", "5y", "Loss exceeded in one stretch of ten days in twenty"),
    ("var_95_10d_root_time", "5y", "The same by one day times \u221a10"),
    ("cvar_95_10d", "5y", "Average of those stretches"),
    ("annual_volatility", "1y", "Volatility a year"),
    ("beta", "1y", "Move with the benchmark (beta)"),
    ("max_drawdown", "5y", "Deepest fall"),
    ("max_drawdown", "all", "Deepest fall"),
)


def risk(review: Review) -> pd.DataFrame:
    """Risk in words: what, as a fraction or ratio, in money where it has a meaning, over which past."""
    lines = []
    for name, window, words in RISK_LINES:
        loss = review.value("risk", window, f"{name}_money")
        in_money = "" if wording.is_missing(loss) else review.money(loss)
        past = OVER[window].removeprefix("the ")
        lines.append((words, review.text("risk", window, name), in_money, past))
    return pd.DataFrame(lines, columns=["figure", "value", "money", "window"], dtype="str")


def risk_sentence(review: Review) -> str:
    """What a bad day costs, and what these figures leave out."""
    left = dict(review.left_out_of_risk)
    by_hand = review.value("origin", "manual", "share")
    if BY_HAND in left and not wording.is_missing(by_hand):
        left[BY_HAND] += f" ({wording.percent(by_hand)} of net asset value)"
    out = f" Left out are {wording.joined(left.values())}." if left else ""
    loss = review.value("risk", "1y", "var_95_money")
    if wording.is_missing(loss):
        return f"Risk cannot be measured: a year of common prices is missing.{out}"
    return (
        f"Today's holdings, taken through the last year, would have lost more than {review.money(loss)} "
        f"on one day in twenty{_one_in_a_hundred(review)}. This is no record of the past.{out}"
    )


def _one_in_a_hundred(review: Review) -> str:
    loss = review.value("risk", "3y", "var_99_money")
    if wording.is_missing(loss):
        return ""
    return f", and through three years more than {review.money(loss)} on one in a hundred"


def backtest(review: Review) -> pd.DataFrame:
    """The tests of the value at risk in words, the worst first."""
    table = review.figures("backtest", ["item", "note", "forecasts", "exceedances", "expected", "kupiec_p"])
    return table.assign(item=[_test_words(item) for item in table["item"]])


def _test_words(item: str) -> str:
    level, window = item.split(" ")
    return f"{level} over {OVER[window]}"


def backtest_sentence(review: Review) -> str:
    """The worst test of the value at risk, with its Basel zone, and how many of all are green."""
    table = backtest(review)
    if table.empty:
        return f"{NOT_NAMED}too few days to test the loss on a bad day against what came after."
    worst, green = table.iloc[0], int((table["note"] == "green").sum())
    return (
        f"The worst test, {worst['item']}, is in the {worst['note']} zone of the Basel Committee: "
        f"{wording.count(worst['exceedances'])} days lost more than was said the evening before, "
        f"{wording.number(worst['expected'], 0)} were to be expected; "
        f"{green} of {wording.plural(len(table), 'test')} {'is' if green == 1 else 'are'} green."
    )


def failed_test(review: Review) -> str:
    """That the value at risk fails its worst test, for a headline; empty where every test is green."""
    table = backtest(review)
    if table.empty or table["note"].iloc[0] == "green":
        return ""
    return f"in the {table['note'].iloc[0]} zone of its backtest ({table['item'].iloc[0]})"


def drawdown_sentence(review: Review) -> str:
    """How deep today's holdings once fell, and how far below their peak they are."""
    deepest = review.value("risk", "all", "max_drawdown")
    now = review.value("risk", "all", "current_drawdown")
    if wording.is_missing(deepest):
        return "There are no past returns of these holdings to show."
    place = f"{wording.percent(-now)} below their peak" if now < 0 else "at their peak"
    days = review.note("risk", "all", "deepest_days")
    when = f" ({days})" if days else ""
    return (
        f"Held throughout, today's holdings once fell {wording.percent(-deepest)} from a peak{when}; "
        f"at the last day they stand {place}."
    )


def known_stress(review: Review) -> pd.DataFrame:
    """The stress scenarios that a headline may name, the worst first, with their ``flags``."""
    return stress_order.speaking(_stress_rows(review)).reset_index(drop=True)


def _stress_rows(review: Review) -> pd.DataFrame:
    names = ["item", "note", "conditional_pnl", "pnl_fraction", "direct_pnl", "conditional_unbounded"]
    table = review.figures("stress", names)
    flags = [review.note("stress", item, "pnl_fraction") for item in table["item"]]
    return table.assign(flags=pd.Series(flags, index=table.index, dtype="str"))


def stress_ends(review: Review) -> pd.DataFrame:
    """The five worst and the five best stress scenarios, by name, once each."""
    table = known_stress(review)
    worst, best = table.head(BOTH_ENDS), table.tail(BOTH_ENDS)
    return pd.concat([worst, best[~best.index.isin(worst.index)]], ignore_index=True)


def stress_sentence(review: Review) -> str:
    """The worst scenario and what it would cost, and what would lose most in it."""
    table = known_stress(review)
    if table.empty:
        return f"{NOT_NAMED}no stress scenario could be computed."
    worst = table.iloc[0]
    moved = gain_or_lose(worst["conditional_pnl"], review.currency)
    part = wording.percent(abs(worst["pnl_fraction"]))
    losers = [said(one.item, one.note) for one in _losers(review).head(2).itertuples(index=False)]
    most = f" Most of it on {wording.joined(losers)}." if losers else ""
    far = " Its shocks are far outside what factors have done together: a story, not a forecast."
    story = far if codes.has(worst["flags"], stress_order.STORY) else _stories(review)
    return (
        f"In the worst, {worst['note']}, the book would {moved}, {part} of {review.base_words}"
        f"{_named_alone(worst)}.{most}{_unbounded(worst)}{_by_hand(review)}{story}{_long(review)}{_silent(review)}"
    )


def _unbounded(worst: pd.Series) -> str:
    """What the worst would cost if a share could lose more than all of its value; empty where none would."""
    if wording.is_missing(worst["conditional_unbounded"]):
        return ""
    figure = wording.money(worst["conditional_unbounded"], signed=True)
    return f" A share loses at most all of its value; by its betas alone the result would be {figure}."


def _by_hand(review: Review) -> str:
    """That holdings valued by hand lose nothing in a scenario, with their share; empty where none is held."""
    part = review.value("origin", "manual", "share")
    if wording.is_missing(part) or part == 0.0:
        return ""
    return f" Holdings valued by hand, {wording.percent(part)} of net asset value, are taken to lose nothing."


def _named_alone(worst: pd.Series) -> str:
    """What the named shocks alone would do, where that differs by more than a tenth."""
    one, other = worst["conditional_pnl"], worst["direct_pnl"]
    if wording.is_missing(other) or abs(one - other) <= A_TENTH * max(abs(one), abs(other)):
        return ""
    return f" (its named shocks alone: {wording.money(other, signed=True)})"


def _stories(review: Review) -> str:
    said = " Stories far outside what factors ever did are ranked apart, the worst {first} at {loss}."
    return _apart(stress_order.stories(_stress_rows(review)), said)


def _long(review: Review) -> str:
    said = " {first}, lasts longer than a year, in which no book stands still, and is ranked apart: {loss}."
    return _apart(stress_order.long_windows(_stress_rows(review)), said)


def _apart(rows: pd.DataFrame, said: str) -> str:
    """What is said of the worst of scenarios that are ranked apart; empty where there is none."""
    if rows.empty:
        return ""
    loss = wording.money(rows["conditional_pnl"].iloc[0], signed=True)
    return said.format(first=rows["note"].iloc[0], loss=loss)


def _silent(review: Review) -> str:
    rows = _stress_rows(review).dropna(subset="conditional_pnl")
    rows = rows[codes.has_any(rows["flags"], stress_order.SILENT)]
    if rows.empty:
        return ""
    verb = "rests" if len(rows) == 1 else "rest"
    return (
        f" {wording.plural(len(rows), 'scenario')} {verb} on generated yields or volatilities, on a yield "
        "that cannot be, or on options beyond their expiry: listed last and not ranked."
    )


def _losers(review: Review) -> pd.DataFrame:
    return review.figures("stress_position", ["item", "note", "conditional_pnl"])


def losers_sentence(review: Review) -> str:
    """Which holding loses most in the worst scenario, and what those that are shown lose."""
    table = _losers(review)
    if table.empty:
        return "There is no scenario in which a holding would lose."
    top, losses = table.iloc[0], table["conditional_pnl"]
    name, most = known_stress(review)["note"].iloc[0], review.money(-losses.iloc[0])
    total = "" if len(table) == 1 else f"; the {len(table)} shown lose {review.money(-losses.sum())} together"
    return f"In {name}, {said(top['item'], top['note'])} would lose most, {most}{total}."


def stress(review: Review) -> pd.DataFrame:
    """All stress scenarios, the worst first, with the reason where one could not be computed."""
    table = review.figures("stress", ["item", *(one.name for one in STRESS)])
    why = [codes.all_words(review.note("stress", item, "direct_pnl")) for item in table["item"]]
    return table.assign(why=pd.Series(why, index=table.index, dtype="str"))


def stress_counts(review: Review) -> str:
    """In how many scenarios the book would lose and gain, and how many could not be computed."""
    table = review.figures("stress", ["conditional_pnl"])["conditional_pnl"]
    if table.empty:
        return "No stress scenario was asked for."
    missing = int(table.isna().sum())
    unknown = f"; {missing} could not be computed" if missing else ""
    scenarios = wording.plural(len(table), "scenario")
    lost, gained = int((table < 0).sum()), int((table > 0).sum())
    return f"Of {scenarios} the book would lose in {lost} and gain in {gained}{unknown}."


def shown_rates(review: Review) -> tuple[pd.DataFrame, str]:
    """Moves of the yield of ten years, or of the first tenor there is; and that tenor."""
    rates = review.figures("rate_scenario", ["note", "shock", "linear_pnl", "pnl", "pnl_fraction"])
    tenors = rates["note"].unique()
    tenor = RATE_TENOR if RATE_TENOR in tenors else next(iter(tenors), RATE_TENOR)
    return rates[rates["note"] == tenor], tenor


def scenarios(review: Review) -> pd.DataFrame:
    """Moves of the market, then of the Treasury yield of ten years, by size."""
    market = review.figures("scenario", ["note", "shock", "linear_pnl", "pnl", "pnl_fraction"])
    rates, tenor = shown_rates(review)
    moves = [f"Market {wording.percent(shock, 0, signed=True)}" for shock in market["shock"]]
    moves += [
        f"{tenor} Treasury yield {wording.number(shock, 0, signed=True)} basis points"
        for shock in rates["shock"]
    ]
    return pd.concat([market, rates], ignore_index=True).assign(item=pd.Series(moves, dtype="str"))


def rates_sentence(review: Review) -> str:
    """What the furthest fall and rise of yields would do, side by side."""
    table, tenor = shown_rates(review)
    table = table.dropna(subset=["shock", "pnl"])
    if table.empty:
        return f"{NOT_NAMED}no move of rates could be computed."
    down, up = (table.loc[find(table["shock"])] for find in (pd.Series.idxmin, pd.Series.idxmax))
    shocks = [wording.number(one["shock"], 0, signed=True) for one in (down, up)]
    moved = [gain_or_lose(one["pnl"], review.currency) for one in (down, up)]
    other = f", with {shocks[1]} it would {moved[1]}" if len(table) > 1 else ""
    return f"With {shocks[0]} basis points in the {tenor} Treasury yield the book would {moved[0]}{other}."


STRESS = (
    text("note", label="Scenario"),
    money("conditional_pnl", label="Profit or loss, {currency}", absent="why"),
    fraction("pnl_fraction", label="Of {base}"),
    money("direct_pnl", label="Named shocks alone"),
    money("correlation_effect", label="What moves with them"),
    money("conditional_unbounded", label="Without bound", absent="no share bounded"),
)
LOSSES = (
    Section("risk", "Risk of today's holdings", risk_sentence, "risk_metrics",
        (text("figure", label="Figure"), text("value", label="Size"), text("money", label="In {currency}"),
         text("window", label="Measured over")), risk),
    Section("backtest", "Would such a loss have been foretold?", backtest_sentence, "risk_metrics",
        (text("item", label="Test"), text("note", label="Zone"), count("forecasts", label="Days"),
         count("exceedances", label="Lost more"), ratio("expected", label="Expected"),
         p_value("kupiec_p", label="Kupiec p")), backtest, first=4),
    Section("falls", "How far today's holdings would have stood below their peak", drawdown_sentence,
        "portfolio_returns", rows=lambda review: falls(review.tables), chart=True),
    Section("stress_ends", "The worst and the best of the stress scenarios", stress_sentence, "stress_pnl",
        STRESS[:2], stress_ends, chart=True),
    Section("stress_position", "What would lose most in the worst scenario", losers_sentence,
        "stress_positions",
        (*HOLDING, money("conditional_pnl", label="Loss, {currency}")), bars=("conditional_pnl",)),
    Section("stress", "Every stress scenario: plausible ones, then stories, then generated", stress_counts,
        "stress_pnl", STRESS, stress, first=5),
    Section("scenario", "What a move of the market or of rates would do", rates_sentence, "scenario_pnl",
        (text("item", label="Move"),
         money("linear_pnl", label="In a straight line", absent="not computed"),
         money("pnl", label="Profit or loss, {currency}", absent="not computed"),
         fraction("pnl_fraction", label="Of {base}", absent="not computed")), scenarios, bars=("pnl",)),
)  # fmt: skip
