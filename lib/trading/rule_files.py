"""Rules and costs of an account as people write them: two YAML files, checked whole before anything runs.

A rules file may have

- ``rules``: strategy to its parameters (``{rsi_reversion: {period: 14, oversold: 30}}``), ranges as in
  ``lib.trading.strategies``; what is left out has its default;
- ``sizing``: how much is bought; ``stops``: one stop for all rules in the place of their own; ``limits``:
  the most that an account may hold or lose in a day. Keys, ranges and defaults are in ``SIZING``, ``STOPS``
  and ``LIMITS``.

A costs file may have ``commission`` and ``slippage`` (shares of the value), ``per_order`` (money) and
``charges``: exchange to a list of ``{name, side, base, rate, source}`` (see ``lib.trading.charges``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lib.errors import Faults, InputError
from lib.market import calendar
from lib.nearest import nearest
from lib.trading.account_rules import METHODS, AccountRules
from lib.trading.charges import BASES, SIDES, Charge, CostTable
from lib.trading.costs import ENGINE, Costs
from lib.trading.sizing import MOST_RISK, Caps
from lib.trading.stop_rules import KINDS, StopRule
from lib.trading.strategies import STRATEGIES, Parameter, Strategy
from lib.yaml_file import Value, read, scalar

EXAMPLE = "params/trading/rules.yaml"
COSTS_EXAMPLE = "params/trading/costs-us.yaml"
MOST_MONEY = 1e12

SIZING = (
    Parameter("method", "risk", meaning="by the money at risk, or as a share of equity", choices=METHODS[:2]),
    Parameter("risk", 0.01, 0.0001, MOST_RISK, "share of equity", "what the stop of a position may lose"),
    Parameter("share", 0.10, 0.001, 1.0, "share of equity", "value of a position sized by share"),
    Parameter("most_value", MOST_MONEY, 1.0, MOST_MONEY, "money", "largest position"),
    Parameter("volume_share", 0.01, 0.0001, 1.0, "share", "of the usual daily volume"),
    Parameter("lot", 1, 1, 100_000, "shares", "shares that trade together"),
    Parameter("gate", 0.5, 0.0, 1.0, "confidence", "least confidence of an entry"),
)
STOPS = (
    Parameter("kind", "own", meaning="the rule's own stop, or one for all", choices=KINDS),
    Parameter("distance", 0.0, 0.0, MOST_MONEY, "money", "of a fixed stop"),
    Parameter("share", 0.0, 0.0, 0.9, "share of the close", "of a percent or trailing stop"),
    Parameter("multiple", 0.0, 0.0, 50.0, "true ranges", "of an atr or trailing stop"),
    Parameter("period", 14, 2, 250, "bars", "of the average true range"),
)
LIMITS = (
    Parameter("positions", 10, 1, 1000, "positions", "held at once"),
    Parameter("strategy_positions", 10, 1, 1000, "positions", "held at once of one rule"),
    Parameter("position", 1.0, 0.001, 1.0, "share of equity", "value of one position"),
    Parameter("sector", 1.0, 0.01, 1.0, "share of equity", "value of one sector"),
    Parameter("daily_loss", 0.05, 0.001, 1.0, "share of equity", "loss of a day that stops entries"),
    Parameter(
        "daily_loss_money", MOST_MONEY, 0.01, MOST_MONEY, "money", "the same in money; the smaller holds"
    ),
)
COSTS = (
    Parameter("commission", ENGINE.commission, 0.0, 0.1, "share of the value", "of the broker"),
    Parameter("per_order", ENGINE.per_order, 0.0, 10_000.0, "money", "of the broker, an order"),
    Parameter("slippage", ENGINE.slippage, 0.0, 0.1, "share of the price", "against market orders and stops"),
)
CHARGE_KEYS = ("name", "side", "base", "rate", "source")


@dataclass(frozen=True)
class Limits:
    """The most that an account may hold, and the loss of a day that stops its entries (see ``LIMITS``)."""

    positions: int = 10
    strategy_positions: int = 10
    position: float = 1.0
    sector: float = 1.0
    daily_loss: float = 0.05
    daily_loss_money: float = MOST_MONEY

    def day_limit(self, equity: float) -> float:
        """Loss of a day, in money and positive, that trips the breaker, ``equity`` being that before it."""
        return min(self.daily_loss * equity, self.daily_loss_money)


@dataclass(frozen=True)
class RuleBook:
    """What a rules file says: every parameter of each strategy asked for, sizes, stops and limits."""

    settings: dict[str, dict[str, Any]]
    sizing: dict[str, Any]
    stops: StopRule = field(default_factory=StopRule)
    limits: Limits = field(default_factory=Limits)

    def account(self, capital: float) -> AccountRules:
        """The rules of an account with this much money; a position is at most ``limits.position`` of it."""
        of = self.sizing
        most = float("inf") if of["most_value"] >= MOST_MONEY else of["most_value"]
        return AccountRules(
            capital=capital,
            method=of["method"],
            risk=of["risk"],
            share=of["share"],
            caps=Caps(most, self.limits.position, of["volume_share"], of["lot"]),
            most_positions=self.limits.positions,
            most_in_group=self.limits.strategy_positions,
            gate=of["gate"],
        )


def validate(request: dict) -> dict:
    """Refuse an account with an unknown strategy, or rules or costs with any fault, before a run.

    ``request`` has the ``account``, ``settings`` with the ``exchange`` and, where they are named, ``files``
    with ``rules_file`` and ``costs_file``, each with ``path`` and ``name``. Answers how many rules it
    follows. Raises InputError.
    """
    account, files, faults = request["account"], request.get("files", {}), Faults()
    exchange, strategies = request["settings"]["exchange"], account["strategies"]
    if not account["capital"] > 0:
        faults.add(_of_account(account, "capital", f"found {account['capital']:g}", "give money above 0"))
    if not account["symbols"]:
        faults.add(_of_account(account, "symbols", "none", "name at least one symbol"))
    with faults.noted():
        known_strategies(strategies, field=f"accounts.{account['id']}.strategies")
    known = [name for name in strategies if name in STRATEGIES]
    with faults.noted():
        read_rules(*_named(files, "rules_file"), strategies=known)
    with faults.noted():
        read_costs(*_named(files, "costs_file"), exchange=exchange)
    faults.refuse()
    return {"strategies": len(strategies), "symbols": list(account["symbols"])}


def known_strategies(names: Sequence[str], *, field: str = "strategies") -> tuple[str, ...]:
    """The names. Raises InputError for none, for an unknown one and for one that stands twice."""
    if not names:
        raise InputError("no strategy", mend=f"take some of {', '.join(STRATEGIES)}", field=field)
    for at, name in enumerate(names):
        if name not in STRATEGIES:
            mend = nearest(name, STRATEGIES) or f"take one of {', '.join(STRATEGIES)}"
            raise InputError(f"unknown strategy {name!r}", mend=mend, field=f"{field}[{at}]")
        if name in names[:at]:
            raise InputError(f"{name!r} stands twice", mend="keep one", field=f"{field}[{at}]")
    return tuple(names)


def read_rules(
    path: Path | str | None = None, name: str | None = None, *, strategies: Iterable[str]
) -> RuleBook:
    """What the file at ``path`` (called ``name`` in messages) says of ``strategies``; defaults without one.

    Every rule in the file is checked, those that the account does not follow as well. Raises InputError for
    all faults at once, each with its line, field and mend.
    """
    wanted = list(strategies)
    if path is None:
        settings = {one: STRATEGIES[one].settings({}) for one in wanted}
        return RuleBook(settings, _defaults(SIZING))
    top = read(Path(path), name or Path(path).name, example=EXAMPLE)
    faults = Faults()
    parts = _parts(top, ("rules", "sizing", "stops", "limits"), faults)
    settings = _strategies(parts["rules"], faults) if "rules" in parts else {}
    sizing, stops, limits = (
        _section(parts[key], rows, faults) if key in parts else _defaults(rows)
        for key, rows in (("sizing", SIZING), ("stops", STOPS), ("limits", LIMITS))
    )
    if "stops" in parts and not faults:
        with faults.noted():
            _stop_rule(parts["stops"], stops)
    faults.refuse()
    chosen = {one: settings.get(one) or STRATEGIES[one].settings({}) for one in wanted}
    return RuleBook(chosen, sizing, StopRule(**stops), Limits(**limits))


def read_costs(path: Path | str | None = None, name: str | None = None, *, exchange: str) -> CostTable:
    """What the file at ``path`` says of orders on ``exchange``; commission and slippage alone without one.

    Raises InputError for all faults at once. An exchange without charges in the file pays none.
    """
    if path is None:
        return CostTable(ENGINE)
    top = read(Path(path), name or Path(path).name, example=COSTS_EXAMPLE)
    faults = Faults()
    parts = _parts(top, (*(one.name for one in COSTS), "charges"), faults)
    own = {one.name: _checked(parts[one.name], one, faults) for one in COSTS if one.name in parts}
    charges: dict[str, tuple[Charge, ...]] = {}
    if "charges" in parts:
        with faults.noted():
            for key, value in parts["charges"].mapping().items():
                with faults.noted():
                    charges[key] = tuple(_charge(item, faults) for item in value.items())
    faults.refuse()
    codes = calendar.EXCHANGES
    by_code = {codes.get(key, key): rows for key, rows in charges.items()}
    chosen = by_code.get(codes.get(exchange, exchange), ())
    return CostTable(Costs(**{**_defaults(COSTS), **own}), chosen)


def _named(files: dict, key: str) -> tuple[str | None, str | None]:
    file = files.get(key)
    return (file["path"], file["name"]) if file else (None, None)


def _of_account(account: dict, name: str, found: str, mend: str) -> InputError:
    return InputError(found, mend=mend, field=f"accounts.{account['id']}.{name}")


def _defaults(rows: Iterable[Parameter]) -> dict[str, Any]:
    return {one.name: one.default for one in rows}


def _parts(value: Value, known: Sequence[str], faults: Faults) -> dict[str, Value]:
    """Values by key, unknown keys noted as faults and left out."""
    parts: dict[str, Value] = {}
    with faults.noted():
        parts = value.mapping()
    for name in [name for name in parts if name not in known]:
        mend = nearest(name, known) or f"take one of {', '.join(known)}"
        faults.add(parts.pop(name).fault("unknown key", mend))
    return parts


def _section(value: Value, rows: Sequence[Parameter], faults: Faults) -> dict[str, Any]:
    known = {one.name: one for one in rows}
    parts = _parts(value, list(known), faults)
    return {**_defaults(rows), **{name: _checked(one, known[name], faults) for name, one in parts.items()}}


def _strategies(value: Value, faults: Faults) -> dict[str, dict[str, Any]]:
    found = {}
    for name, one in _parts(value, list(STRATEGIES), faults).items():
        row = STRATEGIES[name]
        settings, before = _section(one, row.parameters, faults), len(faults.found)
        if len(faults.found) == before:
            with faults.noted():
                _in_order(one, row, settings)
        found[name] = settings
    return found


def _in_order(value: Value, row: Strategy, settings: dict[str, Any]) -> None:
    try:
        row.settings(settings)
    except InputError as fault:
        raise value.fault(fault.found, fault.mend) from None


def _checked(value: Value, parameter: Parameter, faults: Faults) -> Any:
    """The value as it is used; a fault is noted with the place of the value."""
    with faults.noted():
        if parameter.choices:
            given: Any = value.text()
        else:
            value.number()
            given = scalar(value.text())
        try:
            return parameter.checked(given, strategy="")
        except InputError as fault:
            raise value.fault(fault.found, fault.mend) from None
    return parameter.default


def _stop_rule(value: Value, settings: dict[str, Any]) -> None:
    try:
        StopRule(**settings)
    except ValueError as fault:
        raise value.fault(str(fault), "see the kinds of stops in lib/trading/stop_rules.py") from None


def _charge(item: Value, faults: Faults) -> Charge:
    parts = _parts(item, CHARGE_KEYS, faults)
    missing = [key for key in CHARGE_KEYS if key not in parts]
    if missing:
        raise item.fault(f"no key `{missing[0]}`", f"give {', '.join(CHARGE_KEYS)}")
    most = 10.0 if parts["base"].text() == "shares" else 1.0
    sides, bases = (
        _checked(parts[key], Parameter(key, choices[0], choices=choices), faults)
        for key, choices in (("side", SIDES), ("base", BASES))
    )
    rate = _checked(parts["rate"], Parameter("rate", 0.0, 0.0, most), faults)
    return Charge(parts["name"].text(), sides, bases, rate, parts["source"].text())
