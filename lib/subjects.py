"""The kinds of subject: what stages run for, once for each, and what a params file says of one.

A kind is declared here and nowhere else: messages, command line, settings of stages, pages and folders of a
run follow from it. Every subject has an ``id`` (small letters, digits, - and _) and a ``name`` for people,
which is the id where none is given. Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

TYPES = {
    "text": "one line of text",
    "texts": "a list of texts",
    "number": "a number",
    "money": "an amount of money",
    "currency": "an ISO code such as USD",
    "symbol": "a symbol, which the source of the market data is asked for",
    "symbols": "a list of such symbols",
    "file": "a path relative to the params file; stages get the setting `<field>_file`",
    "files": "such a path or a list of them; stages get the list as the setting `<field>_files`",
    "date": "YYYY-MM-DD",
    "flag": "true or false",
}


@dataclass(frozen=True)
class Field:
    """One field of a subject: its name in the params, a type of ``TYPES``, its meaning and its default.

    It reaches those stages of the kind whose parameter cell has a setting of its name. A file that is not
    named is taken from ``found_at`` (with ``{id}``), relative to the params file, where there is one.
    """

    name: str
    type: str
    meaning: str
    default: Any = None
    required: bool = False
    found_at: str = ""

    @property
    def setting(self) -> str:
        """The setting of a stage that holds the field."""
        return f"{self.name}_{self.type}" if self.type in ("file", "files") else self.name


@dataclass(frozen=True)
class Kind:
    """A kind of subject: ``per="<name>"`` in a row of the pipeline, ``<section>:`` in the params."""

    name: str
    section: str
    fields: tuple[Field, ...]

    @property
    def singular(self) -> str:
        """What people call one."""
        return self.name.replace("_", " ")

    @property
    def plural(self) -> str:
        """What people call several."""
        return self.section.replace("_", " ")

    @property
    def settings(self) -> dict[str, str]:
        """Setting of a stage → the field that it holds."""
        own = {field.setting: field.name for field in self.fields}
        return {self.name: "id", f"{self.name}_name": "name", **own}

    def symbols(self, subject: dict[str, Any]) -> Iterator[str]:
        """The symbols that a subject's own fields name."""
        for field in self.fields:
            value = subject[field.name]
            if field.type == "symbol" and value is not None:
                yield value
            elif field.type == "symbols":
                yield from value or ()

    def without_files(self, subject: dict[str, Any]) -> dict[str, Any]:
        """What a run says of a subject: its fields but the paths of its files."""
        files = {field.name for field in self.fields if field.type in ("file", "files")}
        return {name: value for name, value in subject.items() if name not in files}


PORTFOLIO = Kind(
    "portfolio",
    "portfolios",
    (
        Field("positions", "file", "the portfolio file, a CSV of what is held", required=True),
        Field("currency", "currency", "money of the portfolio", "USD"),
        Field("cash", "money", "cash of the portfolio, negative when borrowed", 0.0),
        Field("benchmark", "symbol", "what it is compared with; none where it is left out"),
        Field("trades", "files", "what-ifs: a CSV of trades each; none where it is left out"),
    ),
)

FUND_LIST = Kind(
    "fund_list",
    "funds",
    (
        Field("benchmark", "text", "benchmark of funds that name none of their own, as the source writes it"),
        Field("currency", "currency", "money of the funds", "INR"),
        Field("categories", "texts", "categories that are compared; all where it is left out"),
        Field("plan", "text", "plan that is kept of each scheme: direct, regular or any", "direct"),
        Field("option", "text", "option that is kept of each scheme: growth, idcw or any", "growth"),
        Field("ladder", "file", "steps and bands of the market score, a YAML file", required=True),
    ),
)

SIGNAL = Kind(
    "signal",
    "signals",
    (
        Field("values", "file", "the signal's values, CSV or Parquet; those of the source where left out"),
        Field("hypothesis", "text", "what a higher value foretells: higher or lower returns", required=True),
        Field("universe", "text", "firms that it is tested on, as the source writes it", required=True),
        Field("benchmark", "text", "index that returns are compared with, as the source writes it"),
        Field("factor_set", "text", "collection of factors that explain returns, as the source writes it"),
        Field("events", "text", "list of events that the signal is tested on, as the source writes it"),
        Field("design", "text", "natural experiment that it is tested on, as the source writes it"),
        Field(
            "registration",
            "file",
            "its registered question, which `register` writes",
            found_at="registered/{id}.yaml",
        ),
        Field("rhythm_days", "number", "days after which the next values are expected", 31),
    ),
)

ACCOUNT = Kind(
    "account",
    "accounts",
    (
        Field("currency", "currency", "money of the account", "USD"),
        Field("capital", "money", "money that it starts with", 100_000.0),
        Field("start", "date", "first session on which it may trade", required=True),
        Field("symbols", "symbols", "what it may trade", required=True),
        Field("benchmark", "symbol", "what it is compared with; none where it is left out"),
        Field("strategies", "texts", "names of the rules that it follows", required=True),
        Field("rules", "file", "parameters of its rules, a YAML file; their defaults where left out"),
        Field("costs", "file", "commission, slippage and charges of the run's exchange, a YAML file"),
    ),
)

KINDS = {kind.name: kind for kind in (PORTFOLIO, FUND_LIST, SIGNAL, ACCOUNT)}


def in_order(subjects: dict[str, Any]) -> dict[str, Any]:
    """What is said by kind, such as the ``subjects`` of a manifest, in the order of this module."""
    known = [name for name in KINDS if name in subjects]
    return {name: subjects[name] for name in (*known, *(name for name in subjects if name not in KINDS))}
