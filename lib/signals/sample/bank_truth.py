"""What is planted in the generated banks, so that a test can be asked whether it finds it.

Effects are decimals. A standard deviation of opacity is the one across the banks of a quarter.
"""

from __future__ import annotations

UNIVERSE, BENCHMARK, FACTOR_SET = "banks", "Generated market", "banks"
OPACITY, NOISE = "bank-opacity", "bank-noise"
CRISIS, RESTATEMENTS, DESIGN = "bank-crisis", "bank-restatements", "bank-reporting"
SEED = 20221228
BANKS, LATE, FAILED, MERGED = 200, 24, 14, 22
"""Banks in all; listed later than at the start; failed; merged into another or taken over."""
FIRST_DAY, LAST_DAY = "2012-01-03", "2022-12-28"
SESSIONS_A_MONTH = 21

EFFECT_A_MONTH = -0.0035
"""Return of a month for one standard deviation more of opacity, from the session after it is known on."""
CRISIS_MOMENT = "2019-06-12 12:30"
"""UTC; before the exchange opens, so that the day's return is the answer."""
CRISIS_ALL, CRISIS_OPACITY, CRISIS_UNINSURED = -0.06, -0.015, -0.010
"""Return of that day of all banks, for a standard deviation of opacity, and of uninsured deposits."""
RESTATED, RESTATEMENT = 40, -0.04
"""Events of single banks, and the return of the session at whose close each is known."""

PERSISTENCE = 0.92
"""Of opacity and of the signal without effect, from quarter to quarter."""
WEIGHTS = {
    "discoverability": 0.2,
    "granularity": 0.2,
    "required items": 0.2,
    "readability": 0.1,
    "table density": 0.1,
    "stability": 0.1,
    "consistency": 0.1,
}
"""Components of opacity, each from 0 to 100, and their weights in the total."""
LEVELS = {
    "discoverability": (6.0, 8.0),
    "granularity": (8.0, 8.0),
    "required items": (10.0, 9.0),
    "readability": (60.0, 11.0),
    "table density": (20.0, 11.0),
    "stability": (10.0, 7.0),
    "consistency": (14.0, 9.0),
}
"""Mean and spread of the components before they are cut at 0 and 100."""

ADOPTIONS = (13, 17, 21, 25)
"""Periods (quarters from 2014, the first is 1) in which groups of banks begin to report more."""
GROUP, NEVER = 30, 40
"""Banks of each group, and banks that never do."""
AT_ONCE, EACH_QUARTER, GROWS = -0.10, -0.02, 5
"""Change of funding cost in points: in the quarter of adoption, more each quarter, for how many quarters."""
