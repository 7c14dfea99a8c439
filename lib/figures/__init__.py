"""One look for every chart: finished numbers in, a Matplotlib figure out, nothing computed here.

Colours are Okabe and Ito's (safe for colour-blind readers): blue for the subject, grey for context,
vermilion for what needs attention. The ground is transparent and the ink mid-tone, so that a chart reads on
a light and on a dark page. The page has the title; axes carry the unit; lines are labelled where they end.
Units: ``percent`` takes decimals, ``money`` and ``ratio`` numbers, anything else is written behind the axis.
"""

from lib.figures.bands import paths_with_bands
from lib.figures.bars import diverging_bars, dots_with_intervals
from lib.figures.curve import specification_curve
from lib.figures.gauge import gauge
from lib.figures.heat import heat_map
from lib.figures.histogram import histogram_with_marks
from lib.figures.lines import area_below_zero, line
from lib.figures.look import BLUE, DARK_INK, GREY, LIGHT_INK, VERMILION
from lib.figures.payoff import payoff
from lib.figures.trades import TradedPrice, price_with_trades
from lib.figures.waterfall import waterfall

__all__ = [
    "BLUE",
    "DARK_INK",
    "GREY",
    "LIGHT_INK",
    "VERMILION",
    "TradedPrice",
    "area_below_zero",
    "diverging_bars",
    "dots_with_intervals",
    "gauge",
    "heat_map",
    "histogram_with_marks",
    "line",
    "paths_with_bands",
    "payoff",
    "price_with_trades",
    "specification_curve",
    "waterfall",
]
