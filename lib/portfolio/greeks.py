"""How each option position moves with its underlying, time, volatility and rates, and the whole book with it.

A position Greek is the Greek a share x multiplier x signed contracts, so a short put has a positive delta.
Delta dollars are position delta x price of the underlying; gamma dollars are position gamma x price^2 / 100,
the change of delta dollars for a move of 1 % (Hull, Options, Futures, and Other Derivatives, ch. 19). Delta
in shares is added up within one underlying only. Shares and funds have no row here; the book counts their
delta dollars at their exposure. Inputs and their sources: ``lib.portfolio.option_inputs``.

The column ``model`` says which prices the option: "american", a binomial tree, where exercise before expiry
can pay, else "european", the closed form. ``EARLY_EXERCISE`` is an American option that exercising now is
best for: its delta is 1 or -1 and it has no other Greek.

Null, with the reason in ``flags``: ``GREEKS_NOT_COMPUTABLE`` beside what is missing, and
``UNDERLYING_NOT_TRADABLE`` (a volatility index, whose options follow its futures). An expired option has
zeros and ``EXPIRED``; on its last day an option has its intrinsic delta and ``EXPIRES_TODAY``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lib import codes
from lib.book import delta_exposures
from lib.contracts import conform
from lib.errors import InputError
from lib.portfolio.mibian_reference import mibian_greeks
from lib.portfolio.option_inputs import FROM_PRICE, option_inputs
from lib.pricing import american, black_scholes
from lib.pricing.revalue import AMERICAN
from lib.tables import TABLES

ENGINES = ("closed_form", "mibian")
GREEKS = ("delta", "gamma", "theta", "vega", "rho")
PORTFOLIO_GREEKS = ("delta_dollars", "gamma_dollars", "theta", "vega", "rho")
POSITION_COLUMN = {name: f"position_{name}" for name in GREEKS}
NOT_TRADABLE = ("VIX", "VIX9D", "VIX3M", "VVIX", "VXN", "VXD", "RVX", "OVX", "GVZ")
"""Volatility indices: nobody can hold them, so no option on them can be hedged with its underlying."""


def option_greeks(
    positions: pd.DataFrame,
    prices: pd.DataFrame,
    yields: pd.DataFrame,
    implied_vols: pd.DataFrame,
    instruments: pd.DataFrame,
    *,
    as_of: str,
    engine: str = "closed_form",
) -> pd.DataFrame:
    """The table ``greeks``: one row an option that is held, or has expired, in the order of ``positions``.

    Arguments are the tables of those names; ``engine``, of European options, "closed_form" or "mibian" (the
    reference, one option after another). InputError for another engine.
    """
    if engine not in ENGINES:
        raise InputError(f"{engine!r} is no engine", field="engine", mend=f"write {' or '.join(ENGINES)}")
    day = pd.Timestamp(as_of)
    option = positions["kind"] == "option"
    chosen = option & ((positions["quantity"] != 0) | (positions["expiry"] < day))
    options = positions[chosen].reset_index(drop=True)
    inputs = option_inputs(options, prices, yields, implied_vols, instruments, as_of=as_of)
    expired, today = inputs["years_to_expiry"] < 0, inputs["years_to_expiry"] == 0
    faults = _faults(inputs, expired, today)
    computable = ~expired & ~np.logical_or.reduce(list(faults.values()))
    values = _model(inputs, computable, engine)
    values = values.mask(expired, 0.0)
    flags = codes.flags_of(
        {
            "EXPIRED": expired,
            "EXPIRES_TODAY": today,
            "GREEKS_NOT_COMPUTABLE": ~expired & ~computable,
            **{code: mask & ~expired for code, mask in faults.items()},
            **_notes(inputs, expired | today),
            "EARLY_EXERCISE": computable & _exercised(inputs, values["model_price"]),
        },
        options.index,
    )
    sourced = computable & ~today
    table = inputs.assign(
        **values,
        **_position_greeks(inputs, values),
        model=inputs["model"].where(computable),
        implied_vol=inputs["implied_vol"].where(sourced),
        implied_vol_source=inputs["implied_vol_source"].where(sourced),
        flags=flags,
    )
    return conform(table[TABLES["greeks"].column_names], TABLES["greeks"])


def portfolio_greeks(positions: pd.DataFrame, greeks: pd.DataFrame) -> pd.DataFrame:
    """The table ``portfolio_greeks``: sums over what is held, and how many positions are in each and not.

    Options enter by their Greeks, priced or not; all else by its exposure as delta dollars and with no other
    Greek. Left out and counted: options without Greeks, positions without a price, manual valuations.
    """
    held = positions[positions["quantity"] != 0]
    option = held["kind"] == "option"
    rows = greeks.set_index("position_id").reindex(held["position_id"])
    deltas = delta_exposures(held, greeks)
    others = np.where(held["exposure"].where(held["kind"] != "manual").notna(), 0.0, np.nan)
    parts = {"gamma_dollars": "gamma_dollars"} | {
        name: POSITION_COLUMN[name] for name in ("theta", "vega", "rho")
    }
    sums, included = [], []
    for name in PORTFOLIO_GREEKS:
        value = deltas if name not in parts else np.where(option, rows[parts[name]].to_numpy(), others)
        known = int((~np.isnan(value)).sum())
        included.append(known)
        sums.append(float(np.nansum(value)) if known or not len(held) else np.nan)
    table = pd.DataFrame({"greek": pd.array(PORTFOLIO_GREEKS, dtype="str"), "value": sums})
    counts = {"positions_included": included, "positions_excluded": [len(held) - known for known in included]}
    return conform(table.assign(**counts), TABLES["portfolio_greeks"])


def greeks_by_underlying(positions: pd.DataFrame, greeks: pd.DataFrame) -> pd.DataFrame:
    """Shares, options and their Greeks summed within each underlying that has an option held.

    Columns: underlying, shares (signed), calls and puts (positions), option_delta and total_delta (shares),
    delta_dollars (shares included), gamma_dollars, theta, vega, rho; descending by |delta_dollars|. A sum is
    null where one of its options has no Greeks.
    """
    held = positions[(positions["quantity"] != 0) & (positions["kind"] != "manual")]
    option = held["kind"] == "option"
    rows = greeks.set_index("position_id").reindex(held["position_id"]).set_index(held.index)
    columns = pd.DataFrame(
        {
            "shares": held["quantity"].where(~option, 0.0),
            "calls": (option & (held["right"] == "C")).astype(int),
            "puts": (option & (held["right"] == "P")).astype(int),
            "option_delta": rows["position_delta"].where(option, 0.0),
            "delta_dollars": delta_exposures(held, greeks),
            "gamma_dollars": rows["gamma_dollars"].where(option, 0.0),
            **{name: rows[POSITION_COLUMN[name]].where(option, 0.0) for name in ("theta", "vega", "rho")},
        }
    )
    groups = columns.groupby(held["underlying"])
    sums = groups.sum().where(columns.isna().groupby(held["underlying"]).sum() == 0)
    sums["total_delta"] = sums["shares"] + sums["option_delta"]
    sums = sums[sums["calls"] + sums["puts"] > 0]
    order = sums["delta_dollars"].abs().sort_values(ascending=False, na_position="last").index
    return sums.loc[order].reset_index().astype({"calls": "int64", "puts": "int64"})


def _faults(inputs: pd.DataFrame, expired: pd.Series, today: pd.Series) -> dict[str, pd.Series]:
    """Why an option has no Greeks; rate and volatility do not matter on its last day."""
    later = ~expired & ~today
    unpriced = ~(inputs["underlying_price"] > 0)
    return {
        "UNDERLYING_NOT_TRADABLE": inputs["underlying"].isin(NOT_TRADABLE),
        "NO_UNDERLYING_PRICE": unpriced,
        "NO_RATE": later & inputs["rate"].isna(),
        "NO_VOLATILITY": later & ~unpriced & inputs["implied_vol"].isna(),
    }


def _exercised(inputs: pd.DataFrame, worth: pd.Series) -> pd.Series:
    """American options whose model gives nothing above exercising them now."""
    gain = inputs["underlying_price"] - inputs["strike"]
    gain = gain.where(inputs["right"] == "C", -gain)
    return (inputs["model"] == AMERICAN) & (worth <= gain)


def _notes(inputs: pd.DataFrame, ended: pd.Series) -> dict[str, pd.Series]:
    """What to know about Greeks that there are: no dividend yield, or why the own price was not used."""
    other = ~ended & (inputs["implied_vol_source"] != FROM_PRICE) & inputs["implied_vol"].notna()
    reasons = [one for one in sorted(inputs["price_reason"].unique()) if one]
    known = {"missing_input", "expired"}
    return {
        "NO_DIVIDEND_YIELD": ~ended & ~inputs["dividend_known"],
        **{one.upper(): other & (inputs["price_reason"] == one) for one in reasons if one not in known},
    }


def _model(inputs: pd.DataFrame, computable: pd.Series, engine: str) -> pd.DataFrame:
    """Model price and Greeks a share of the rows that are computable, null elsewhere."""
    rows = inputs[computable]
    arguments = {
        "spot": rows["underlying_price"].to_numpy(),
        "strike": rows["strike"].to_numpy(),
        "years": rows["years_to_expiry"].to_numpy(dtype=float),
        "rate": rows["rate"].fillna(0.0).to_numpy(),
        "volatility": rows["implied_vol"].where(rows["years_to_expiry"] > 0, 0.0).to_numpy(),
        "right": rows["right"].astype(object).to_numpy(),
        "dividend_yield": rows["dividend_yield"].to_numpy(),
    }
    later = arguments["years"] > 0
    worth, by_name = black_scholes.price_and_greeks(**arguments)
    values = {"model_price": worth, **by_name}
    early = (rows["model"] == AMERICAN).to_numpy()
    if early.any():
        worth, by_name = american.price_and_greeks(**_chosen(arguments, early))
        values = _replaced(values, early, {"model_price": worth, **by_name})
    if engine == "mibian":
        european = later & ~early
        values = _replaced(values, european, mibian_greeks(**_chosen(arguments, european)))
    return pd.DataFrame(values, index=rows.index).reindex(inputs.index)


def _chosen(arguments: dict[str, np.ndarray], where: np.ndarray) -> dict[str, Any]:
    return {name: value[where] for name, value in arguments.items()}


def _replaced(
    values: dict[str, np.ndarray], where: np.ndarray, others: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    replaced = {name: value.copy() for name, value in values.items()}
    for name, value in replaced.items():
        value[where] = others[name]
    return replaced


def _position_greeks(inputs: pd.DataFrame, values: pd.DataFrame) -> dict[str, pd.Series]:
    """Greeks of the position, and delta and gamma in money."""
    size = inputs["multiplier"] * inputs["quantity"]
    position = {POSITION_COLUMN[name]: values[name] * size for name in GREEKS}
    spot = inputs["underlying_price"].where(values["delta"] != 0, inputs["underlying_price"].fillna(0.0))
    return {
        **position,
        "delta_dollars": position["position_delta"] * spot,
        "gamma_dollars": position["position_gamma"] * spot**2 / 100,
    }
