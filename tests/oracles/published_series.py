"""Monthly returns of published data sets, so that published results can be checked: facts, in basis points.

From the data sets `managers`, `edhec` (the longer one, to May 2021) and `portfolio_bacon` of the R package
PerformanceAnalytics, whose printed results the tests beside this file quote. Further series of the first two
are in `managers.csv` and `edhec.csv`.
"""

from pathlib import Path

import pandas as pd


def _table(name: str, unit: float) -> pd.DataFrame:
    """Months x series of a file beside this one, decimals."""
    table = pd.read_csv(Path(__file__).with_name(name), comment="#", index_col="month")
    months = pd.PeriodIndex(table.index, freq="M").to_timestamp(how="end").normalize()
    return table.set_axis(months) * unit


def _decimals(text: str, start: str) -> pd.Series:
    values = [float(word) for word in text.split()]
    months = pd.period_range(start, periods=len(values), freq="M")
    return pd.Series(values, index=months.to_timestamp(how="end").normalize()) / 1e4


HAM1 = _decimals(
    """
    74 193 155 -91 76 -39 -231 395 147 288 156 176 212 22 94 126 438 231 154 237 219 -207 250 110 56 429
    362 78 -231 121 -215 -944 248 558 126 97 -93 94 462 510 162 326 98 -165 -45 -6 35 147 -102 123 575
    202 339 123 49 387 13 -77 104 -68 79 82 -105 345 579 21 207 161 -312 11 340 676 135 -124 63 46 -15
    -241 -755 77 -575 297 661 -323 -412 -251 364 651 337 308 176 3 90 481 169 275 53 -1 87 -43 82 259 0
    55 88 -6 394 440 1 215 -207 -209 43 161 91 113 261 -187 231 261 692 145 397 -11 -267 216 -144 161 68
    427 117 115
    """,
    start="1996-01",
)
"""Manager 1."""

SP500_TR = _decimals(
    """
    340 93 96 147 258 38 -442 211 563 276 756 -198 625 78 -411 597 609 448 796 -560 548 -334 463 172 111
    721 512 101 -172 406 -106 -1446 641 813 606 576 418 -311 400 387 -236 555 -312 -49 -274 633 203 589
    -502 -189 978 -301 -205 247 -156 621 -528 -42 -788 49 355 -912 -634 777 67 -243 -98 -626 -808 191
    767 88 -146 -193 376 -606 -74 -712 -780 66 -1087 880 589 -587 -262 -150 97 824 527 128 176 195 -106
    566 88 524 184 139 -151 -157 137 195 -331 41 108 153 405 340 -243.75 210.4 -177.1 -190 318.2 14.2
    372 -91 81 -167 378 3 265 27 125 134 -288 14 62 238 258 326 190 140.3
    """,
    start="1996-01",
)
"""S&P 500 with dividends."""

CONVERTIBLE = _decimals(
    """
    119 123 78 86 156 212 193 134 122 100 0 68 145 146 144 126 56 -6 60 -319 -196 -214 269 113 219 82
    136 243 166 102 101 48 96 45 124 140 227 267 243 223 149 179 93 162 141 52 -81 -2 344 182 162 157 33
    12 91 142 78 117 80 -94 148 -49 53 96 33 4 -159 50 146 104 251 157 283 133 89 150 136 -58 -72 -87
    171 146 92 54 119 17 61 20 -128 -106 13 40 -17 -44 81 56 -96 -58 -140 -316 -133 107 164 66 142 -15 4
    92 250 116 107 64 91 12 66 98 93 54 92 127 130 117 60 26 110 11 -53 -145 161 177 -131 -77 -9 -83
    -317 76 107 -81 -188 -66 -1027 -1237 -276 177 491 164 235 500 578 241 611 315 368 119 80 215 53 36
    229 199 -244 17 227 121 189 214 -12 145 181 162 38 20 -17 -91 -33 -195 -190 129 -94 29 236 218 65
    -17 -77 72 92 76 57 17 41 98 158 9 77 52 134 -81 60 46 43 95 7 48 137 62 47 29 45 29 -1 -3 -95 -111
    -9 -66 13 121 21 157 46 -86 -58 -45 -63 123 -39 -127 -239 -2 170 140 75 16 154 102 70 27 31 90 147
    72 -2 44 22 32 84 -12 65 60 2 25 84 -5 -14 32 -26 16 21 24 34 -73 -68 -121 242 119 75 105 -36 89 32
    19 23 32 60 127 51 80 -700 296 130 248 335 208 53 65 292 217 247 189 -48 -1 56
    """,
    start="1997-01",
)
"""EDHEC index of convertible arbitrage funds."""

BACON = _decimals(
    """
    30 260 110 -100 150 250 160 670 -140 400 -50 810 400 -370 -610 170 -490 -220 700 580 -650 240 -50 -90
    """,
    start="2000-01",
)
"""The portfolio of Bacon, "Practical Portfolio Performance Measurement and Attribution"."""

MANAGERS = _table("managers.csv", 1e-5).assign(HAM1=HAM1, sp500=SP500_TR)
"""Six managers, an index of long/short funds, Treasury notes of ten years and the S&P 500."""

INDICES = _table("edhec.csv", 1e-4).assign(convertible=CONVERTIBLE)
"""Five of EDHEC's indices of hedge funds, 293 months."""
