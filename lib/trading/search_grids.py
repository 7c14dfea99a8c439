"""What a search among parameters goes through, by strategy; the rest is as the account's rules say."""

from __future__ import annotations

from typing import Any

GRIDS: dict[str, dict[str, tuple[Any, ...]]] = {
    "rsi_reversion": {
        "period": (10, 14, 20),
        "oversold": (20.0, 30.0, 35.0),
        "overbought": (65.0, 70.0, 80.0),
    },
    "macd_crossover": {"fast": (8, 12, 16), "slow": (21, 26, 35), "signal": (5, 9)},
    "average_cross": {"fast": (10, 20, 50), "slow": (50, 100, 200)},
    "volume_breakout": {"multiple": (1.5, 2.0, 3.0), "move": (0.01, 0.02, 0.03)},
}
