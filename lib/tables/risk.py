"""Tables of risk: betas, scenarios, stress, correlations, metrics."""

from __future__ import annotations

from lib.contracts import Table
from lib.conventions import TENORS
from lib.tables.columns import count, date, flag, fraction, money, number, ratio, text

RISK = (
    Table(
        "var_components",
        "How the positions make up the factor value at risk; the values add up to it.",
        (
            text("position_id", "position"),
            text("method", "factor_var_95 or factor_var_99"),
            money(
                "value",
                "one day, money, positive when it adds risk",
                null=True,
                label="Adds",
                absent="no betas",
            ),
            fraction("share", "of the whole", null=True, label="Of the whole", absent="no betas"),
        ),
        ("position_id", "method"),
        may_be_empty=True,
    ),
    Table(
        "shortfall_components",
        "How the positions make up the expected shortfall of one day; the values add up to it.",
        (
            text("position_id", "position"),
            text("metric", "cvar_95 or cvar_99"),
            text("window", "how far back", values=("1y", "3y", "5y", "all")),
            money(
                "value",
                "one day, money: minus the mean profit on the book's tail days",
                null=True,
                label="Adds",
                absent="left out",
            ),
            fraction("share", "of the whole", null=True, label="Of the whole", absent="left out"),
        ),
        ("position_id", "metric", "window"),
        may_be_empty=True,
    ),
    Table(
        "liquidity",
        "How long each position would take to sell at a part of average volume; lots of a symbol together.",
        (
            text("position_id", "position"),
            number(
                "volume_21",
                "mean of the last 21 sessions, shares or contracts",
                null=True,
                label="Volume, 21 sessions",
                absent="not known",
            ),
            number(
                "volume_63",
                "mean of the last 63 sessions, shares or contracts",
                null=True,
                label="Volume, 63 sessions",
                absent="not known",
            ),
            number(
                "days_to_sell",
                "net units of the symbol / (participation x the lower volume), trading days",
                null=True,
                low=0.0,
                label="Days to sell",
                absent="reason",
            ),
            fraction("sold_1", "part sold in 1 day", null=True, label="Sold in 1 day", absent="reason"),
            fraction("sold_5", "part sold in 5 days", null=True, label="In 5 days", absent="reason"),
            fraction("sold_20", "part sold in 20 days", null=True, label="In 20 days", absent="reason"),
            text("reason", "why there are no days; empty where there are"),
        ),
        ("position_id",),
        may_be_empty=True,
    ),
    Table(
        "position_betas",
        "What each underlying moves with: one regression a position and method.",
        (
            text("position_id", "position"),
            text("symbol", "underlying whose returns are explained", label="Underlying"),
            text("method", "which regression", values=("univariate", "multivariate", "orthogonal")),
            text("factor", "name of the factor"),
            ratio("beta", "coefficient, capped; null with its reason in quality", null=True),
            ratio("beta_raw", "coefficient before the cap", null=True),
            ratio("std_error", "standard error, of the kind in errors", null=True),
            ratio("t_stat", "coefficient / standard error", null=True, label="t"),
            ratio("p_value", "two-sided, Student's t", null=True, label="p"),
            text("errors", "kind of the standard errors", values=("hc1",), label="Errors"),
            flag("capped", "whether the cap bound"),
            fraction("r_squared", "of the whole regression", null=True, label="R²"),
            fraction("specific_vol", "daily standard deviation of the residual, decimal", null=True),
            fraction(
                "alpha",
                "intercept a year (x 252) of the regression, over no rate",
                null=True,
                absent="no beta",
            ),
            fraction(
                "alpha_error",
                "standard error of alpha, of the kind in errors",
                null=True,
                label="Error of alpha",
                absent="no beta",
            ),
            money(
                "dollar_exposure",
                "delta-adjusted exposure x capped beta; adds up to that of the book by method and factor",
                null=True,
                absent="no beta",
            ),
            count("observations", "common returns", label="Returns"),
            text("quality", "full_history, limited_history, or why there is no beta"),
        ),
        ("position_id", "method", "factor"),
        may_be_empty=True,
    ),
    Table(
        "portfolio_betas",
        "Betas of the book, their money, and their part of its variance (orthogonal: adds up to one).",
        (
            text("method", "which regression"),
            text("factor", "name of the factor, specific, or total"),
            ratio("beta", "sum of delta-adjusted exposure x beta / base", null=True, absent="no betas"),
            ratio(
                "beta_nav",
                "the same sum / net asset value; null where that is not positive",
                null=True,
                label="Of net asset value",
                absent="no betas, or net asset value not positive",
            ),
            ratio(
                "beta_gross",
                "the same sum / gross exposure",
                null=True,
                label="Of gross exposure",
                absent="no betas",
            ),
            ratio(
                "magnitude_beta",
                "sum of |delta-adjusted exposure| x |beta| / gross exposure",
                null=True,
                label="Magnitude, of gross",
                absent="no betas",
            ),
            money(
                "dollar_exposure",
                "sum of delta-adjusted exposure x beta, money",
                null=True,
                absent="no betas",
            ),
            fraction(
                "variance_share",
                "part of the variance; null where shares do not add up",
                null=True,
                absent="no betas",
            ),
            text("base", "what betas are divided by", values=("nav", "gross")),
        ),
        ("method", "factor"),
    ),
    Table(
        "factor_attribution",
        "Return of today's book on past days by factor; components add up to the total.",
        (
            date("date", "trading day"),
            text("component", "a factor, specific, or total"),
            fraction("contribution", "return of the day, decimal of the base"),
        ),
        ("date", "component"),
        may_be_empty=True,
    ),
    Table(
        "scenario_pnl",
        "What moves of the market and of rates would do to the book.",
        (
            text("scenario", "name"),
            text("kind", "what moves", values=("market", "rates")),
            text("tenor", "tenor whose betas are used; null for the market", null=True),
            number("shock", "move of the market as decimal, of rates in basis points"),
            money("linear_pnl", "by betas and deltas alone, money", null=True, label="Linear"),
            money(
                "gamma_pnl",
                "linear and half gamma times the square of the move, money",
                null=True,
                label="With gamma",
            ),
            money("pnl", "with options revalued, money", null=True, label="Revalued"),
            money(
                "unbounded_pnl", "pnl without the bound of a fall at -100 %", null=True, label="Without bound"
            ),
            fraction("pnl_fraction", "pnl / base", null=True, label="Of the base"),
            text("flags", "codes, comma separated; empty when none"),
        ),
        ("scenario", "kind", "tenor"),
    ),
    Table(
        "rate_betas",
        "How each underlying moves with a Treasury yield, the market held fixed.",
        (
            text("position_id", "position"),
            text("symbol", "underlying", label="Underlying"),
            text("tenor", "tenor of the yield", values=TENORS),
            number("beta_per_bp", "return for one basis point", null=True),
            ratio("t_stat", "coefficient / standard error", null=True, label="t"),
            text("errors", "kind of the standard errors", values=("hc1",), label="Errors"),
            fraction("r_squared", "of the whole regression", null=True, label="R²"),
            count("observations", "common days", label="Days"),
            text("quality", "full_history, limited_history, or why there is no beta"),
        ),
        ("position_id", "tenor"),
        may_be_empty=True,
    ),
    Table(
        "stress_pnl",
        "Each stress scenario: shocked factors alone, and with the others at their conditional mean.",
        (
            text("scenario", "id of the scenario"),
            text("name", "name for people", label="Scenario"),
            text("category", "market, rates, rotation, volatility, historical, replay or custom"),
            text("severity", "mild, moderate, severe or extreme"),
            money("direct_pnl", "named shocks only, money", null=True, label="As named"),
            money(
                "conditional_pnl", "others at their conditional mean, money", null=True, label="Conditional"
            ),
            money("correlation_effect", "conditional - direct, money", null=True),
            money("direct_unbounded", "direct without the bound of a fall at -100 %", null=True),
            money(
                "conditional_unbounded",
                "conditional without the bound of a fall at -100 %",
                null=True,
                label="Without bound",
            ),
            fraction("pnl_fraction", "conditional / base", null=True, label="Of the base"),
            number(
                "sigmas",
                "size of the scenario in daily standard deviations",
                null=True,
                unit="count",
                label="Size, sigmas",
            ),
            money(
                "by_betas_pnl",
                "a replay with every position moved by its betas, money; null when no replay",
                null=True,
                label="By betas alone",
            ),
            fraction(
                "own_share",
                "part of gross delta-adjusted exposure that a replay moves by its own prices; null when no "
                "replay",
                null=True,
                label="Moved by own prices",
            ),
            ratio(
                "volatility_factor",
                "what implied volatilities are multiplied by in the conditional reading, before their cap",
                null=True,
                label="Volatilities times",
            ),
            text("flags", "codes, comma separated; empty when none"),
        ),
        ("scenario",),
    ),
    Table(
        "stress_positions",
        "What each position does in each scenario.",
        (
            text("scenario", "id of the scenario"),
            text("position_id", "position"),
            money("direct_pnl", "named shocks only, money", null=True, label="As named"),
            money(
                "conditional_pnl", "others at their conditional mean, money", null=True, label="Conditional"
            ),
            money("direct_unbounded", "direct without the bound of a fall at -100 %", null=True),
            money(
                "conditional_unbounded",
                "conditional without the bound of a fall at -100 %",
                null=True,
                label="Without bound",
            ),
        ),
        ("scenario", "position_id"),
        may_be_empty=True,
    ),
    Table(
        "stress_factors",
        "What each factor's move does to the book in each scenario; option revaluation apart.",
        (
            text("scenario", "id of the scenario"),
            text(
                "factor",
                "a factor, rates, specific (what names did beyond their betas in a replay), revaluation (the "
                "rest that linear effects leave) or bound_at_zero (what the bound at -100 % takes back)",
            ),
            number(
                "shock", "move of the factor in the conditional scenario, decimal or basis points", null=True
            ),
            money("direct_pnl", "money", null=True),
            money("conditional_pnl", "money", null=True),
        ),
        ("scenario", "factor"),
    ),
    Table(
        "portfolio_returns",
        "Daily returns of today's book through past markets; not a record.",
        (
            date("date", "trading day"),
            fraction("return", "profit of one day / net asset value, options at today's time to expiry"),
            fraction("compounding_return", "the same with options a day older: what performance compounds"),
        ),
        ("date",),
        may_be_empty=True,
    ),
    Table(
        "risk_metrics",
        "Measures of those returns by window and method.",
        (
            text("metric", "name of the measure"),
            text("window", "how far back", values=("1y", "3y", "5y", "all")),
            text("method", "how it was computed"),
            number("value", "the figure; null with its reason in flag", null=True),
            text("unit", "fraction, ratio, count or probability"),
            count("observations", "returns that went into it"),
            text("flag", "reason or warning; empty when none"),
        ),
        ("metric", "window", "method"),
    ),
    Table(
        "drawdowns",
        "The deepest falls of today's book through past markets.",
        (
            date("start", "day of the peak before the fall", label="Peak"),
            date("trough", "day of the lowest point"),
            date(
                "recovery",
                "day on which the peak was reached again; null when not yet",
                null=True,
                label="Peak reached again",
                absent="not yet",
            ),
            fraction("depth", "fall from the peak, negative decimal", high=0.0),
            count(
                "days",
                "trading days from the peak to recovery, or to the last day",
                unit="days",
                label="Trading days",
            ),
        ),
        ("start",),
        may_be_empty=True,
    ),
)
