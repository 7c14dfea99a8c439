"""What the page of ``trading/risk`` says: sizes, stops, how full limits are, what may be lost."""

from __future__ import annotations

import pandas as pd

from lib import codes, wording
from lib.checks import Check, close, equal, holds, none
from lib.contracts import Column, KeyFigure
from lib.tables.columns import fraction, text
from lib.trading.account_risk import ALL, RECENT, AccountRisk
from lib.trading.pages.signals import name_of

WHEN = {"said": "says it today", "blocked": "says it, blocked", "supposed": "if it said so"}
KINDS = {
    "stands": "as it stands",
    "percent": "percent of the close",
    "atr": "average true ranges",
    "trailing": "trailing, never lower",
}
LIMITS = {
    "positions": "Positions",
    "strategy_positions": "Positions of a rule",
    "position": "One symbol",
    "sector": "One sector",
    "daily_loss": "Loss of the day",
}
FIGURES = {
    "var_95": "Value at risk of a day, 95%",
    "es_95": "Expected shortfall of a day, 95%",
    "var_95_money": "Value at risk, 95%, in money",
    "var_99": "Value at risk of a day, 99%",
    "es_99": "Expected shortfall of a day, 99%",
    "var_99_money": "Value at risk, 99%, in money",
    "volatility": "Volatility a year",
    "sharpe": "Sharpe ratio a year",
    "max_drawdown": "Deepest fall",
    "beta": "Beta to the benchmark",
    "idle": "Days on which nothing moved",
}
SIZES: tuple[str | Column, ...] = (
    text("words", label="Rule"),
    "symbol",
    text("whether", label="Today"),
    "entry",
    "stop",
    "quantity",
    "value",
    "risk",
    "risk_share",
    text("binds", label="What limits it"),
    "ordered",
)
STOPS: tuple[str | Column, ...] = (
    "symbol",
    text("words", label="Rule"),
    text("how", label="Stop"),
    "quantity",
    "price",
    "stop",
    "distance",
    "loss",
    "loss_share",
)
FULL: tuple[str | Column, ...] = (
    text("what", label="Limit"),
    text("whose", label="Of"),
    text("used_words", label="Used"),
    text("most_words", label="Allowed"),
    fraction("full", label="Full"),
    text("state", label="State"),
)
RISK: tuple[str | Column, ...] = (
    text("words", label="Figure"),
    text("all", label="Since it began"),
    text("recent", label="Last sessions"),
    text("note", label="To mind"),
)
BREAKER: tuple[str | Column, ...] = ("date", "loss", "limit", "share", "blocked", "reset", "reset_by")


def faults(study: AccountRisk, origins: list[str]) -> list[str]:
    """What is wrong or too thin, a sentence each, the worst first."""
    found = []
    made_up = [name for name in origins if name != "real"]
    if made_up:
        found.append(f"Prices are {wording.joined(made_up)}: nothing here is evidence of a real market.")
    found.append("A paper account: none of its orders ever met a market.")
    over = study.tables["account_limits"]
    over = over.loc[over["exceeded"]]
    if len(over):
        named = [f"{LIMITS[row['limit']].lower()} ({_whose(row['of'])})" for row in over.to_dict("records")]
        found.append(f"Over its limit: {wording.joined(named)}.")
    count = len(study.returns)
    if count < 100:
        found.append(
            f"{wording.plural(count, 'day')} are too few for a value at risk: it takes 100, for 99% 500."
        )
    elif count < 500:
        found.append(f"{wording.plural(count, 'day')} carry no value at risk of 99%: it takes 500.")
    if study.benchmark and not study.benchmark_days:
        found.append(f"The benchmark {study.benchmark} has no prices, so that there is no beta.")
    unstopped = study.tables["position_stops"]
    unstopped = unstopped.loc[(unstopped["kind"] == "stands") & unstopped["stop"].isna()]
    if len(unstopped):
        found.append(f"Without a stop: {wording.joined(sorted(set(unstopped['symbol'])))}.")
    return found


def _whose(name: str) -> str:
    return "the account" if name == "all" else name


def verdict(study: AccountRisk) -> str:
    """Equity, what a bad day costs, how much the stops may lose, and the breaker."""
    at = study.tables["position_stops"]
    lost = at.loc[at["kind"] == "stands", "loss_share"].sum()
    state = study.tables["account_breaker_state"].iloc[0]
    breaker = "the breaker is on and blocks entries" if state["on"] else "the breaker is off"
    var = wording.percent(study.figure("var_95"), 2)
    return (
        f"{wording.money(study.standing.equity)} of equity on {wording.date(study.date)}: on one day "
        f"in twenty it lost more than {var}; if every stop were hit it would lose "
        f"{wording.percent(lost, 2)}; {breaker}."
    )


def sizes(study: AccountRisk) -> pd.DataFrame:
    """Sizes in words, what rules say today first."""
    table = study.tables["order_sizes"]
    order = table["when"].map({"said": 0, "blocked": 1, "supposed": 2})
    own = table.assign(order=order).sort_values(["order", "strategy", "symbol"], kind="stable")
    reason = own["limited_by"].where(own["limited_by"] != "", own["rejected"])
    return own.assign(
        words=own["strategy"].map(name_of), whether=own["when"].map(WHEN), binds=reason.map(codes.words)
    )


def size_columns(study: AccountRisk) -> tuple[str | Column, ...]:
    """Columns of the sizes; what was ordered only where anything was."""
    ordered = bool(study.tables["order_sizes"]["ordered"].notna().any())
    return SIZES if ordered else SIZES[:-1]


def sizes_sentence(study: AccountRisk) -> str:
    """How many entries there are today, and what binds most often."""
    table = study.tables["order_sizes"]
    said = int((table["when"] == "said").sum())
    binding = table["limited_by"].map(codes.words).value_counts()
    most = f"; most often: {binding.index[0]}" if len(binding) else ""
    return (
        f"The rules say {wording.plural(said, 'entry', 'entries')} today; the other rows show what an "
        f"entry would be allowed{most}. What is at risk is that of the shares, not the budget."
    )


def caps(study: AccountRisk) -> pd.DataFrame:
    """Shares that each cap lets through: rule and symbol down, caps across, as text."""
    table = study.tables["order_caps"]
    shown = [
        f"{wording.count(int(value))}{' ←' if binds else ''}" if pd.notna(value) else "no limit"
        for value, binds in zip(table["shares"], table["binds"], strict=True)
    ]
    named = table.assign(shown=shown, words=table["strategy"].map(name_of), cap=table["cap"].map(SHORT))
    wide = named.pivot_table(
        index=["words", "symbol"], columns="cap", values="shown", aggfunc="first", sort=False
    )
    return wide.reset_index()


SHORT = {
    "SIZE_BY_RISK": "Risk",
    "SIZE_BY_SHARE": "Share",
    "SIZE_BY_POSITION": "Position",
    "SIZE_BY_SECTOR": "Sector",
    "SIZE_BY_CASH": "Cash",
    "SIZE_BY_VOLUME": "Volume",
    "SIZE_BY_PLACES": "Places",
    "SIZE_BY_RULE_PLACES": "Rule's places",
    "SIZE_BY_BREAKER": "Breaker",
}


def cap_columns(study: AccountRisk) -> tuple[Column, ...]:
    """Columns of the table of caps."""
    return tuple(text(name, label={"words": "Rule"}.get(name, name.capitalize())) for name in caps(study))


def caps_sentence(study: AccountRisk) -> str:
    """How to read the table."""
    free = wording.money(study.standing.free_cash)
    return (
        f"Shares that each limit alone would allow; an arrow marks the one that binds. Free cash is {free}."
    )


def stops(study: AccountRisk) -> pd.DataFrame:
    """Stops in words."""
    table = study.tables["position_stops"]
    return table.assign(words=table["strategy"].map(name_of), how=table["kind"].map(KINDS))


def stops_sentence(study: AccountRisk) -> str:
    """What the stops lose together."""
    table = study.tables["position_stops"]
    if table.empty:
        return "Nothing is held, so that there is no stop."
    lost = table.groupby("kind")["loss"].sum()
    choice = study.choice
    return (
        f"If every stop were hit at its price it would lose {wording.money(lost['stands'])}; stops "
        f"{wording.percent(choice.stop_share, 0)} below the close {wording.money(lost['percent'])}, stops "
        f"{choice.stop_multiple:g} true ranges below it {wording.money(lost['atr'])}. A gap loses more."
    )


def limits(study: AccountRisk) -> pd.DataFrame:
    """Limits in words, the fullest first."""
    table = study.tables["account_limits"].sort_values("full", ascending=False, kind="stable")
    counted = table["limit"].isin(["positions", "strategy_positions"])
    used, most = (
        [
            wording.count(int(value)) if one else wording.percent(value)
            for value, one in zip(table[name], counted, strict=True)
        ]
        for name in ("used", "most")
    )
    whose = [
        name_of(of) if limit == "strategy_positions" else _whose(of)
        for limit, of in zip(table["limit"], table["of"], strict=True)
    ]
    state = table["exceeded"].map({True: "exceeded", False: "within"})
    return table.assign(
        what=table["limit"].map(LIMITS), whose=whose, used_words=used, most_words=most, state=state
    )


def limits_sentence(study: AccountRisk) -> str:
    """Which limit is fullest."""
    row = limits(study).iloc[0]
    over = int(study.tables["account_limits"]["exceeded"].sum())
    more = (
        f" {wording.plural(over, 'limit')} exceeded: prices moved after the entry, or the rules changed."
        if over
        else ""
    )
    return f"Fullest is {row['what'].lower()} of {row['whose']}, at {wording.percent(row['full'], 0)}.{more}"


def risk(study: AccountRisk) -> pd.DataFrame:
    """Figures since the beginning and of the last sessions, side by side."""
    table = study.tables["account_risk"]
    rows = []
    for name, words in FIGURES.items():
        by_window = {row["window"]: row for row in table.loc[table["figure"] == name].to_dict("records")}
        shown = {window: _written(by_window[window]) for window in (ALL, RECENT)}
        notes = dict.fromkeys(
            codes.words(by_window[one]["code"]) for one in (ALL, RECENT) if by_window[one]["code"]
        )
        rows.append({"words": words, **shown, "note": ", ".join(notes)})
    return pd.DataFrame(rows)


def _written(row: dict) -> str:
    if row["unit"] == "money":
        return wording.money(row["value"])
    if row["unit"] == "fraction":
        return wording.percent(row["value"], 2)
    return wording.ratio(row["value"])


def risk_sentence(study: AccountRisk) -> str:
    """What a bad day costs, and how sure that is."""
    idle = study.figure("idle")
    return (
        f"From {wording.plural(len(study.returns), 'daily return')} of the equity, "
        f"{wording.percent(idle, 0)} of them days on which nothing moved: beyond the 95% mark a day lost "
        f"{wording.percent(study.figure('es_95'), 2)} on average. It says nothing of a book that is fuller "
        "tomorrow than it was."
    )


def falls(study: AccountRisk, equity: pd.DataFrame) -> pd.Series:
    """Drawdown by date."""
    return equity.set_index("date")["drawdown"]


def falls_sentence(study: AccountRisk) -> str:
    """The deepest fall."""
    return f"The deepest fall of the equity at closes was {wording.percent(study.figure('max_drawdown'))}."


def breaker_sentence(study: AccountRisk) -> str:
    """State of the breaker, and how often it tripped."""
    row = study.tables["account_breaker_state"].iloc[0]
    limit = wording.money(row["limit"])
    now = "on: entries are blocked, exits are not" if row["on"] else "off"
    trips = int(row["trips"])
    past = (
        f"It tripped {wording.plural(trips, 'time')} and blocked "
        f"{wording.plural(int(row['blocked']), 'entry', 'entries')}."
        if trips
        else "It never tripped."
    )
    return f"The breaker is {now}; a loss of {limit} in a day trips it. {past}"


def checks(study: AccountRisk) -> list[Check]:
    """What must hold of this very result."""
    table, all_caps = study.tables["order_sizes"], study.tables["order_caps"]
    least = all_caps.groupby(["strategy", "symbol"])["shares"].min()
    keys = pd.MultiIndex.from_frame(table[["strategy", "symbol"]])
    sound = (table["rejected"] == "").to_numpy()
    over = table["quantity"].to_numpy()[sound] > least.reindex(keys).to_numpy()[sound]
    held = study.standing.holdings["value"].sum()
    of_symbols = study.tables["account_limits"]
    of_symbols = of_symbols.loc[of_symbols["limit"] == "position", "used"].sum()
    own = table.loc[table["risk"].notna()]
    return [
        none("No size is above any of its caps", int(over.sum()), "do"),
        close(
            "Risk is shares times the way to the stop",
            own["risk"],
            own["quantity"] * (own["entry"] - own["stop"]),
        ),
        close("Symbols add up to what is invested", of_symbols, held / study.standing.equity),
        equal("One cap binds for each size that is sound", int(all_caps["binds"].sum()), _sound(table)),
        holds(
            "Expected shortfall is not below value at risk",
            bool(study.figure("es_95") >= study.figure("var_95") - 1e-12),
            wording.percent(study.figure("es_95"), 2),
        ),
    ]


def _sound(table: pd.DataFrame) -> int:
    return int((table["limited_by"] != "").sum())


def key_figures(study: AccountRisk) -> list[KeyFigure]:
    """Value at risk, loss at the stops, drawdown, fullest limit, beta."""
    at = study.tables["position_stops"]
    lost = float(at.loc[at["kind"] == "stands", "loss_share"].sum())
    full = float(study.tables["account_limits"]["full"].max())
    against = f"To {study.benchmark}." if study.benchmark else "No benchmark is named."
    return [
        KeyFigure(
            "var_95", study.figure("var_95"), "fraction", "lower", "Loss that one day in twenty exceeds."
        ),
        KeyFigure("loss_at_stops", lost, "fraction", "lower", stops_sentence(study)),
        KeyFigure("max_drawdown", study.figure("max_drawdown"), "fraction", "higher", falls_sentence(study)),
        KeyFigure("fullest_limit", full, "fraction", "lower", limits_sentence(study)),
        KeyFigure("beta", study.figure("beta"), "ratio", "neither", against),
    ]
