"""What a ticker is: a listed symbol, an option in OCC form, or a mistake with its code.

``lib.market.occ`` reads options; here stand the mistakes that look like one, so that a mistyped option is
called that and is never taken for a share with a strange name.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.conventions import SYMBOL
from lib.market.occ import LOOKS_LIKE, parse_all

# What only looks like an option; the first pattern that fits names the mistake.
LOOSE = {
    "BAD_OCC_ROOT": r"[A-Z]{7,}[0-9]?\s*[0-9]{6}[CP][0-9]{8}",
    "BAD_OCC_TYPE": r"[A-Z]+[0-9]?\s*[0-9]{6}[ABD-OQ-Z][0-9]{7,9}",
    "BAD_OCC_DATE": r"[A-Z]+[0-9]?\s*[0-9]{4,8}[CP][0-9]{7,9}",
}
SHORTEST_OPTION = 9


def read_tickers(text: pd.Series) -> pd.DataFrame:
    """One row a ticker (trimmed text): symbol, underlying, option, adjusted, expiry, strike, right, code.

    ``code`` is empty when the ticker is sound, else the code of the mistake.
    """
    upper = text.str.upper()
    shaped = upper.str.fullmatch(LOOKS_LIKE.pattern).to_numpy(dtype=bool)
    options = parse_all(upper[shaped]).reindex(upper.index)
    option = options["symbol"].notna().to_numpy()
    code = _listed_code(upper, shaped)
    code[shaped] = options["reason"][shaped].fillna("").to_numpy(dtype=object)
    return options.drop(columns="reason").assign(
        symbol=options["symbol"].where(option, upper),
        underlying=options["underlying"].where(option, upper),
        adjusted=options["adjusted"].eq(True).to_numpy(dtype=bool),
        option=option,
        code=code,
    )


def _listed_code(upper: pd.Series, shaped: np.ndarray) -> np.ndarray:
    """The mistake in what is no option; empty text when it is a sound listed symbol."""
    sound = upper.str.fullmatch(SYMBOL) & ~upper.str.contains("..", regex=False)
    code = np.where(shaped | sound, "", "BAD_TICKER").astype(object)
    doubtful = np.flatnonzero(~shaped & (upper.str.len() >= SHORTEST_OPTION).to_numpy())
    rest = upper.iloc[doubtful]
    for name, pattern in reversed(LOOSE.items()):
        code[doubtful[rest.str.fullmatch(pattern).to_numpy(dtype=bool)]] = name
    code[(upper == "").to_numpy()] = "EMPTY_TICKER"
    return code
