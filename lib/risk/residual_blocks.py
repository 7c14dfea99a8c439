"""What is specific to companies of one sector, and still moves together: a block of residuals by sector.

Residuals of the factor regressions are taken as uncorrelated but for pairs within one sector whose
correlation is significant: p-values by Fisher's z with the k factors counted as lost observations (Fisher
1924, partial correlations: standard error 1 / sqrt(n - k - 3)), adjusted for all pairs within sectors at once
(Holm 1979). Pairs that pass keep their measured correlation, the others have 0. Should the matrix have a
negative eigenvalue -e, correlations between names are divided by 1 + e, which makes it 0; the diagonal is
never touched.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.stats.correlation import correlations, fisher_p_value
from lib.stats.multiple import holm

LEVEL = 0.05
PAIRS = ["sector", "first", "second", "correlation", "observations", "p_value"]


@dataclass(frozen=True)
class ResidualCorrelations:
    """Correlations of the residuals of underlyings, labelled frames with a diagonal of 1.

    ``used`` holds those within sectors that are significant, ``measured`` all, 0 where a pair has too few
    days. ``pairs`` are the significant ones, the closest first, with adjusted p-values; ``tested`` counts the
    pairs that were tried; ``shrinkage`` multiplies them in ``used`` (1 where none was needed).
    """

    used: pd.DataFrame
    measured: pd.DataFrame
    pairs: pd.DataFrame
    tested: int
    shrinkage: float


def residual_correlations(
    residuals: pd.DataFrame,
    sectors: pd.Series,
    *,
    factors: int,
    minimum: int,
    level: float = LEVEL,
) -> ResidualCorrelations:
    """Correlations of ``residuals`` (days x underlyings) of a regression on ``factors`` regressors.

    ``sectors`` by underlying, missing where there is none; a pair needs ``minimum`` common days. ``level`` is
    the chance of one false pair among all, 0 for no pairs.
    """
    names = residuals.columns
    found = correlations(residuals.to_numpy(), minimum=minimum)
    measured = np.nan_to_num(found.coefficient)
    np.fill_diagonal(measured, 1.0)
    known = sectors.reindex(names).to_numpy(dtype=object)
    first, second = np.triu_indices(len(names), 1)
    alike = (known[first] == known[second]) & pd.notna(known[first])
    first, second = first[alike], second[alike]
    r, days = found.coefficient[first, second], found.observations[first, second]
    p = holm(fisher_p_value(r, days - factors))
    kept = p < level
    used = np.eye(len(names))
    used[first[kept], second[kept]] = used[second[kept], first[kept]] = r[kept]
    shrinkage = _shrinkage(used)
    np.fill_diagonal(used := used * shrinkage, 1.0)
    pairs = pd.DataFrame(
        dict(zip(PAIRS, (known[first], names[first], names[second], r, days, p), strict=True))
    )
    return ResidualCorrelations(
        used=pd.DataFrame(used, index=names, columns=names),
        measured=pd.DataFrame(measured, index=names, columns=names),
        pairs=pairs[kept].sort_values("correlation", key=abs, ascending=False).reset_index(drop=True),
        tested=int(np.count_nonzero(~np.isnan(p))),
        shrinkage=shrinkage,
    )


def _shrinkage(correlation: np.ndarray) -> float:
    """What correlations are multiplied by so that no eigenvalue is negative: 1, or 1 / (1 - the least)."""
    least = float(np.linalg.eigvalsh(correlation)[0]) if len(correlation) else 1.0
    return 1.0 if least >= 0.0 else 1.0 / (1.0 - least)
