"""What the raw tables foretell of a book: would portfolio/positions stop for want of prices?

Bars count here that market/prices would set aside, so that a book is never said to stop which would not.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from lib import codes, table_file
from lib.contracts import empty
from lib.errors import DataError, InputError
from lib.portfolio.files import read_positions
from lib.portfolio.priced_share import (
    ANSWERED,
    NO_SOUND_PRICE,
    priced_share,
    require_priced,
    sized,
    without_price,
)
from lib.portfolio.valuation import value_positions
from lib.tables import TABLES

HISTORY = "snapshot_positions"
MOST_NAMED = 12
"""Holdings that are named."""


def priced(request: dict[str, Any]) -> dict[str, Any]:
    """Refuse raw tables of which too little of a book has a price.

    ``request`` has ``as_of``, ``task``, its ``settings``, ``files`` and ``histories``, ``params_file``, and
    the raw ``tables``. Raises InputError that names the holdings and the mend.
    """
    settings, tables, file = request["settings"], request["tables"], request["files"]["positions_file"]
    bars = tables["raw_prices"]
    bars = bars[bars["close"] > 0].drop_duplicates(["symbol", "date"], keep="last")
    rows, _ = read_positions(file["path"], file["name"], request["as_of"])
    terms = {name: settings[name] for name in ("as_of", "cash", "currency", "exchange")}
    positions = value_positions(rows, bars, tables["raw_instruments"], **terms)
    path = request["histories"][HISTORY]
    history = table_file.read(path, None) if path else empty(TABLES[HISTORY])
    sizes = sized(positions, bars, history, tables["raw_sync_log"])
    try:
        require_priced(sizes, min_coverage=settings["min_coverage"], told=_told(sizes))
    except DataError as fault:
        found = f"{request['task']} would stop: {fault}"
        raise InputError(found, file=request["params_file"], field="data") from None
    return {}


def _told(sizes: pd.DataFrame) -> str:
    """How much of the book has a price, and what has none, why, and its part."""
    lacking = without_price(sizes)
    why = lacking["status"].map(codes.words).mask(lacking["status"].isin(ANSWERED), NO_SOUND_PRICE)
    part = lacking["share"].map("{:.1%}".format).astype("str")
    words = lacking["symbol"] + " (" + why + "), " + part + " by its " + lacking["measure"]
    more = len(words) - MOST_NAMED
    named = "; ".join(words[:MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")
    return f"{priced_share(sizes):.1%} of the exposure of the book has a price; without one: {named}."
