"""The JSON that Yahoo answers with, made from a world."""

import math

import numpy as np
import pandas as pd

from .faults import FORM, ROWS
from .worlds import stamp

PRICES = ["open", "high", "low", "close"]
UNKNOWN = {"code": "Not Found", "description": "No data found, symbol may be delisted"}


def chart(world, symbol, query, faults):
    """The answer of the chart service to a query (``period1 period2`` or ``range``), with its faults."""
    bars = world.truth(symbol).assign(hidden=False)
    for fault in faults:
        if fault.kind in ROWS:
            bars = ROWS[fault.kind](bars.copy(), **fault.options)
    zone = world.profiles[symbol]["exchangeTimezoneName"]
    served = restated(bars.reset_index(drop=True))
    opened = (served["date"] + pd.Timedelta(hours=9, minutes=30)).dt.tz_localize(zone)
    served["stamp"] = opened.dt.tz_convert("UTC").dt.as_unit("s").astype("int64")
    if len(served):
        served.loc[served.index[-1], "stamp"] = stamp(served["date"].iloc[-1], zone, "16:00:01")
    first, last = int(query.get("period1", 0)), int(query.get("period2", 2**40))
    served = served[(served["stamp"] >= first) & (served["stamp"] < last)]
    served = served.tail(1) if "range" in query else served
    return _formed(_result(world.profiles[symbol], symbol, served), {f.kind: f.options for f in faults})


def restated(bars):
    """As Yahoo shows bars: divided by every later split, in single precision, dividends to six places."""
    later, factors = 1.0, []
    for ratio in reversed(bars["split"].tolist()):
        factors.append(later)
        later *= ratio
    factor = np.array(factors[::-1])
    out = bars.copy()
    for name in PRICES:
        out[name] = (bars[name] / factor).to_numpy().astype("float32").astype("float64")
    out["dividend"] = [round(x, 6) for x in (bars["dividend"] / factor)]
    out["volume"] = (bars["volume"] * factor).round()
    return out


def profile(world, symbol):
    """The quoteSummary service."""
    said = world.profiles[symbol]
    quote = {k: said[k] for k in said if k in ("quoteType", "longName", "shortName", "exchange")}
    quote |= {"symbol": symbol, "timeZoneFullName": said["timeZoneFullName"]}
    asset = {k: said[k] for k in ("sector", "industry", "country", "longBusinessSummary") if k in said}
    detail = {k: said[k] for k in ("currency", "marketCap") if k in said}
    result = {"quoteType": quote, "assetProfile": asset, "summaryDetail": detail}
    return {"quoteSummary": {"result": [result], "error": None}}


def quote(world, symbol):
    """The quote service: one flat row, none for a symbol that it does not know."""
    said = {
        k: v for k, v in world.profiles.get(symbol, {}).items() if k not in ("sector", "industry", "country")
    }
    return {"quoteResponse": {"result": [{"symbol": symbol, **said}] if said else [], "error": None}}


def options(world, symbol, query):
    """The options service: the expiries, and the quotes of the one asked for or of the first."""
    expiries = world.chains[symbol][0] if symbol in world.chains else []
    seconds = {int(day.timestamp()): day for day in expiries}
    wanted = seconds.get(int(query["date"])) if "date" in query else next(iter(expiries), None)
    rows = list(world.quotes(symbol, wanted)) if wanted is not None else []
    sides = {name: [r for r in rows if r["right"] == name[0].upper()] for name in ("calls", "puts")}
    listed = [{"expirationDate": int(wanted.timestamp()), **sides}] if wanted is not None else []
    known = symbol in world.series
    result = {"underlyingSymbol": symbol, "expirationDates": [*seconds], "quote": {}, "options": listed}
    return {"optionChain": {"result": [result] if known else [], "error": None}}


def error(service, code, description):
    """An answer that is an error, in the words of the service."""
    return {service: {"result": None, "error": {"code": code, "description": description}}}


def _result(said, symbol, served):
    meta = {
        "currency": said["currency"],
        "symbol": symbol,
        "instrumentType": said["quoteType"],
        "exchangeTimezoneName": said["exchangeTimezoneName"],
        "dataGranularity": "1d",
        "validRanges": ["1d", "5d", "1mo", "1y", "max"],
    }
    paid, split = served[served["dividend"] != 0], served[served["split"] != 1]
    events = {
        "dividends": {
            str(s): {"date": s, "amount": a} for s, a in zip(paid["stamp"], paid["dividend"], strict=True)
        },
        "splits": {
            str(s): {"date": s, **_ratio(r)} for s, r in zip(split["stamp"], split["split"], strict=True)
        },
    }
    served = served[~served["hidden"]]
    quotes = {name: _nulls(served[name]) for name in PRICES}
    quotes["volume"] = [v if v is None else int(v) for v in _nulls(served["volume"])]
    return {
        "meta": meta,
        "timestamp": served["stamp"].tolist(),
        "events": {kind: found for kind, found in events.items() if found},
        "indicators": {"quote": [quotes], "adjclose": [{"adjclose": _nulls(served["close"])}]},
    }


def _ratio(ratio):
    new, old = (ratio, 1.0) if ratio >= 1 else (1.0, 1 / ratio)
    return {"numerator": new, "denominator": old, "splitRatio": f"{new:g}:{old:g}"}


def _nulls(values):
    return [None if math.isnan(v) else v for v in values.astype("float64")]


def _formed(result, faults):
    """The result in its envelope, its form broken as the faults say."""
    assert set(faults) <= FORM | set(ROWS)
    if "no_adjclose" in faults:
        del result["indicators"]["adjclose"]
    if "no_meta" in faults:
        del result["meta"]
    if "wrong_timezone" in faults:
        result["meta"]["exchangeTimezoneName"] = faults["wrong_timezone"].get("timezone", "Asia/Tokyo")
    if "wrong_symbol" in faults:
        result["meta"]["symbol"] = "OTHER"
    if "weekly" in faults:
        result["meta"]["dataGranularity"] = "1wk"
    if "no_bars" in faults or not result["timestamp"]:
        del result["timestamp"]
        result["indicators"] = {"quote": [{}], "adjclose": [{}]}
    return {"chart": {"result": [result], "error": None}}
