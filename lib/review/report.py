"""The review of a portfolio as one table: every figure that the page shows, with its unit and reason.

Table ``portfolio_report`` is made here from the tables of the other chapters, and the page's exhibits,
sentences and exports are made from it, so that page, table and exports cannot differ. Shares are of net
asset value, or of gross exposure where that is not positive; the note of a missing figure says why it is
missing.
"""

from __future__ import annotations

import pandas as pd

from lib.review import drivers, holdings, losses, proposals, trust
from lib.review.rows import COLUMNS
from lib.review.sources import Tables


def make_report(tables: Tables) -> pd.DataFrame:
    """Table ``portfolio_report``: one row a figure of the page, in the order of the page."""
    rows = [
        *holdings.value(tables),
        *holdings.change(tables),
        *holdings.movers(tables),
        *holdings.trades(tables),
        *holdings.split(tables),
        *holdings.largest(tables),
        *holdings.sectors(tables),
        *drivers.betas(tables),
        *drivers.underlyings(tables),
        *drivers.components(tables),
        *losses.risk(tables),
        *losses.backtest(tables),
        *losses.stress(tables),
        *losses.stress_positions(tables),
        *losses.scenarios(tables),
        *drivers.greeks(tables),
        *drivers.options(tables),
        *drivers.clusters(tables),
        *drivers.concentration(tables),
        *proposals.what_if(tables),
        *proposals.trades(tables),
        *trust.origins(tables),
        *trust.quality(tables),
        *trust.coverage(tables),
        *trust.assumptions(tables),
    ]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.astype({"value": "float64", "note": "str"})
