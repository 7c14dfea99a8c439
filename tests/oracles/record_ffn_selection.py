"""Records deflated Sharpe ratios and probabilities of overfitting by ffn, so that the tests need no ffn.

Run by hand with ffn 1.4.1 and linearmodels 7.1 installed: ``python tests/oracles/record_ffn_selection.py``;
its lines are the literals of ``test_selection.py``. Strategies are the twelve industries of linearmodels'
data set ``french`` less the market, monthly.
"""

from __future__ import annotations

import ffn
import pandas as pd
from linearmodels.datasets import french


def strategies(rows: int) -> pd.DataFrame:
    """Industries less the market over the first ``rows`` months."""
    data = french.load().iloc[:rows]
    dates = pd.DatetimeIndex(data["dates"])
    industries = data.loc[:, "NoDur":"Other"].set_index(dates)
    market = (data["MktRF"] + data["RF"]).to_numpy()
    return industries.sub(market, axis=0)


def main() -> None:
    """Print what is recorded."""
    whole = strategies(816)
    sharpe = whole.mean() / whole.std()
    for name in ("Hlth", "Utils"):
        deflated = ffn.calc_deflated_sharpe_ratio(whole[name], sharpe, nperiods=12, annualized_trials=False)
        print(name, repr(float(deflated)))
    print("best by luck", repr(float(ffn.calc_expected_max_sharpe(12, float(sharpe.std())))))
    for blocks, rows in ((8, 816), (12, 600), (10, 240)):
        found = ffn.calc_prob_backtest_overfitting(strategies(rows), n_blocks=blocks, full_output=True)
        print(blocks, rows, repr(float(found["pbo"])), repr(float(found["mean_oos_rank"])))


if __name__ == "__main__":
    main()
