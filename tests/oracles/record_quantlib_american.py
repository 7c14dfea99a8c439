"""Records American prices of QuantLib 1.44 (QD+ fixed point), and delta and gamma by finite differences.

Run by hand with QuantLib installed; what it prints is ``quantlib_american.csv``. Strike 100;
the rates are without, below and above the dividend yield.
"""

from __future__ import annotations

import csv
import itertools
import sys

NAMES = ("right", "spot", "strike", "days", "rate", "dividend_yield", "volatility", "price", "delta", "gamma")
STRIKE, NODES = 100.0, 800


def valued(right, spot, days, rate, dividend_yield, volatility):
    """Price, delta and gamma of one option."""
    import QuantLib as ql

    today, day_count = ql.Date(15, 1, 2026), ql.Actual365Fixed()
    ql.Settings.instance().evaluationDate = today
    curves = [
        ql.YieldTermStructureHandle(ql.FlatForward(today, value, day_count))
        for value in (dividend_yield, rate)
    ]
    surface = ql.BlackConstantVol(today, ql.NullCalendar(), volatility, day_count)
    process = ql.BlackScholesMertonProcess(
        ql.QuoteHandle(ql.SimpleQuote(spot)), *curves, ql.BlackVolTermStructureHandle(surface)
    )
    payoff = ql.PlainVanillaPayoff(ql.Option.Call if right == "C" else ql.Option.Put, STRIKE)
    option = ql.VanillaOption(payoff, ql.AmericanExercise(today, today + days))
    option.setPricingEngine(ql.QdFpAmericanEngine(process, ql.QdFpAmericanEngine.highPrecisionScheme()))
    price = option.NPV()
    option.setPricingEngine(ql.FdBlackScholesVanillaEngine(process, NODES, NODES))
    return round(price, 7), round(option.delta(), 6), round(option.gamma(), 7)


if __name__ == "__main__":
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(NAMES)
    for right, spot, (rate, dividend_yield), days, volatility in itertools.product(
        "CP", (85.0, 100.0, 115.0), ((0.05, 0.0), (0.05, 0.03), (0.02, 0.06)), (30, 365), (0.15, 0.4)
    ):
        inputs = (days, rate, dividend_yield, volatility)
        writer.writerow([right, spot, STRIKE, *inputs, *valued(right, spot, *inputs)])
