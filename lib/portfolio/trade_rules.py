"""Which rows of a trades file cannot be meant: every rule over whole columns, the first fault of each row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.portfolio.tags import read_tags

ACTIONS = ("BUY", "SELL", "SHORT", "COVER", "CLOSE", "SET")
SIZES = ("quantity", "notional", "weight")
NUMBERS = (*SIZES, "price")


@dataclass(frozen=True)
class Fault:
    """The line and column of a fault, what was found there, and its mend."""

    line: int
    field: str
    found: str
    mend: str


@dataclass(frozen=True)
class Rule:
    """Rows that break it; words with the row's values in braces."""

    broken: np.ndarray
    field: str
    found: str
    mend: str


def find_faults(
    cells: pd.DataFrame,
    rows: pd.DataFrame,
    surplus: np.ndarray,
    held: pd.DataFrame | None,
    as_of: pd.Timestamp,
) -> list[Fault]:
    """The first fault of every faulty line, in the order of the file.

    ``cells`` are trimmed texts and ``rows`` their values, aligned; ``surplus`` marks rows with too many
    fields; ``held`` has units ``long`` and ``short`` by symbol, None where what is held is not known.
    """
    if held is not None:
        sides = held.reindex(rows["symbol"]).fillna(0.0)
        rows = rows.assign(long=sides["long"].to_numpy(), short=sides["short"].to_numpy())
    rules = [
        Rule(surplus, "action", "more fields than the header (EXTRA_FIELDS)", "quote a field with commas"),
        *_shape_rules(rows),
        *_number_rules(cells, rows),
        *_size_rules(cells, rows),
        *_option_rules(rows, as_of),
        *(_holding_rules(rows) if held is not None else []),
    ]
    broken = np.array([rule.broken for rule in rules], dtype=bool)
    places = np.flatnonzero(broken.any(axis=0))
    return [_fault(rules[int(broken[:, place].argmax())], cells, rows, int(place)) for place in places]


def _fault(rule: Rule, cells: pd.DataFrame, rows: pd.DataFrame, place: int) -> Fault:
    """What a rule says of the row at a place."""
    row = rows.iloc[place]
    values = {name: _plain(value) for name, value in row.items()}
    values |= {f"{name}_text": text for name, text in cells.iloc[place].items()}
    values["first"] = int(rows.loc[rows["symbol"] == row["symbol"], "line"].iloc[0])
    return Fault(int(row["line"]), rule.field, rule.found.format(**values), rule.mend.format(**values))


def _shape_rules(rows: pd.DataFrame) -> list[Rule]:
    unknown = ~rows["action"].isin(ACTIONS).to_numpy()
    tags = read_tags(rows["tags"], pd.Series("", index=rows.index, dtype="str"))
    return [
        Rule(unknown, "action", "{action_text!r} is no action (UNKNOWN_ACTION)", f"write {_one_of(ACTIONS)}"),
        Rule(
            (rows["code"] != "").to_numpy(),
            "symbol",
            "{symbol_text!r} is no symbol ({code})",
            "write a listed symbol, or an option in OCC form such as AAPL230616C00150000",
        ),
        Rule(
            rows["symbol"].duplicated().to_numpy(),
            "symbol",
            "{symbol} stands in line {first} already (REPEATED_SYMBOL)",
            "all trades are carried out at once: put those of a symbol into one row",
        ),
        Rule(
            np.asarray(tags.fault != "", dtype=bool),
            "tags",
            "{tags_text!r} are no tags (BAD_TAG)",
            "write letters, digits and underscores, tags parted by commas, the cell in quotes",
        ),
    ]


def _number_rules(cells: pd.DataFrame, rows: pd.DataFrame) -> list[Rule]:
    unread = [
        Rule(
            ((cells[name] != "") & rows[name].isna()).to_numpy(),
            name,
            f"{{{name}_text!r}} is no number (NOT_A_NUMBER)",
            "write a plain number, such as 1250.5",
        )
        for name in NUMBERS
    ]
    negative = [
        Rule(
            ((rows["action"] != "SET") & (rows[name] < 0)).to_numpy(),
            name,
            f"{{action}} of {{{name}_text}} (NEGATIVE_SIZE)",
            "say the direction with the action: SELL or SHORT; only SET takes a sign",
        )
        for name in ("quantity", "notional")
    ]
    price = Rule(
        (rows["price"] <= 0).to_numpy(), "price", "price {price_text} (BAD_PRICE)", "write a price above 0"
    )
    return [*unread, *negative, price]


def _size_rules(cells: pd.DataFrame, rows: pd.DataFrame) -> list[Rule]:
    sizes = (cells[list(SIZES)] != "").sum(axis=1).to_numpy()
    close, target = (rows["action"] == "CLOSE").to_numpy(), (rows["action"] == "SET").to_numpy()
    return [
        Rule(
            close & (sizes > 0), "action", "CLOSE with a size (SIZE_WITH_CLOSE)", "leave it out, or write SET"
        ),
        Rule(
            ~close & (sizes == 0),
            "quantity",
            "{action} of {symbol} without a size (NO_SIZE)",
            f"write one of {', '.join(SIZES)}",
        ),
        Rule(
            ~close & (sizes > 1),
            "quantity",
            "{action} of {symbol} with more than one size (SEVERAL_SIZES)",
            f"write one of {', '.join(SIZES)} and leave the others empty",
        ),
        Rule(
            ~target & rows["weight"].notna().to_numpy(),
            "weight",
            "{action} with a weight (WEIGHT_WITHOUT_SET)",
            "a weight is the share of net asset value to be reached: write SET",
        ),
    ]


def _option_rules(rows: pd.DataFrame, as_of: pd.Timestamp) -> list[Rule]:
    opens = rows["action"].isin(["BUY", "SHORT"]) | (
        (rows["action"] == "SET") & (rows[list(SIZES)] != 0).all(axis=1)
    )
    return [
        Rule(
            (rows["option"] & (rows["quantity"] % 1 != 0) & rows["quantity"].notna()).to_numpy(),
            "quantity",
            "{quantity_text} contracts of {symbol} (FRACTIONAL_CONTRACTS)",
            "write a whole number of contracts",
        ),
        Rule(
            (opens & (rows["expiry"] <= as_of)).to_numpy(),
            "symbol",
            f"{{symbol}} is expired by {as_of:%Y-%m-%d} (OPTION_EXPIRED)",
            "choose a later expiry",
        ),
    ]


def _holding_rules(rows: pd.DataFrame) -> list[Rule]:
    """What an action needs to be held, and what must not be."""
    action, long, short = rows["action"], rows["long"] > 0, rows["short"] > 0
    sell, cover = action == "SELL", action == "COVER"
    more_long, more_short = rows["quantity"] > rows["long"], rows["quantity"] > rows["short"]
    rules = (
        (sell & ~long & short, "SELL of {symbol}, which is short (SELL_OF_SHORT)", "write COVER or SHORT"),
        (cover & ~short & long, "COVER of {symbol}, which is long (COVER_OF_LONG)", "write SELL or BUY"),
        (
            (action == "SHORT") & long & ~short,
            "SHORT of {symbol}, which is long (SHORT_OF_LONG)",
            "write SELL, or SET with a negative quantity to go from long to short",
        ),
        (
            (action == "BUY") & short & ~long,
            "BUY of {symbol}, which is short (BUY_OF_SHORT)",
            "write COVER, or SET with a positive quantity to go from short to long",
        ),
        (
            (sell | cover | (action == "CLOSE")) & ~long & ~short,
            "{action} of {symbol}, which is not held (NOT_HELD)",
            "write BUY or SHORT to open a position",
        ),
    )
    wrong = [Rule(mask.to_numpy(), "action", found, mend) for mask, found, mend in rules]
    return [
        *wrong,
        Rule(
            (sell & more_long).to_numpy(),
            "quantity",
            "SELL of {quantity} {symbol}, of which {long} are held (MORE_THAN_HELD)",
            "sell at most {long}, or write SET with a negative quantity to go short",
        ),
        Rule(
            (cover & more_short).to_numpy(),
            "quantity",
            "COVER of {quantity} {symbol}, of which {short} are short (MORE_THAN_HELD)",
            "cover at most {short}, or write SET with a positive quantity to go long",
        ),
    ]


def _plain(value: object) -> object:
    return f"{value:,.10g}" if isinstance(value, float) else value


def _one_of(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"
