"""Generated returns around events whose truth is known, many samples at once."""

from __future__ import annotations

import numpy as np

ESTIMATION, WINDOW = 110, 7


def draws(
    samples: int,
    events: int,
    *,
    seed: int,
    correlation: float = 0.0,
    raised: float = 1.0,
    effect: float = 0.0,
    same_day: bool = False,
    uneven: bool = True,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Estimation and window returns (samples, events, days), with the market's beside each.

    Residuals have ``correlation`` across events and deviations between 1 % and 3 % (2 % where not
    ``uneven``); ``raised`` multiplies them in the window, ``effect`` is added to the window's first day.
    """
    draw = np.random.default_rng(seed)
    days = ESTIMATION + WINDOW
    shape = (samples, 1 if same_day else events, days)
    market = np.broadcast_to(0.0003 + 0.01 * draw.standard_normal(shape), (samples, events, days))
    beta = 0.6 + 0.8 * draw.random((samples, events, 1))
    scale = 0.01 + 0.02 * draw.random((samples, events, 1)) if uneven else np.full((samples, events, 1), 0.02)
    common = draw.standard_normal((samples, 1, days))
    own = draw.standard_normal((samples, events, days))
    residual = scale * (np.sqrt(correlation) * common + np.sqrt(1.0 - correlation) * own)
    residual[..., ESTIMATION:] *= raised
    returns = 0.0002 + beta * market + residual
    returns[..., ESTIMATION] += effect
    return (
        returns[..., :ESTIMATION],
        market[..., :ESTIMATION],
        returns[..., ESTIMATION:],
        market[..., ESTIMATION:],
    )
