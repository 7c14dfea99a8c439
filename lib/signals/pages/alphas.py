"""What the page of ``signals/alphas`` says of factors; time, risk and luck have pages beside it."""

from __future__ import annotations

import pandas as pd

from lib import codes, wording
from lib.checks import Check, close, holds, none, within
from lib.contracts import Column, KeyFigure, MadeUp
from lib.signals.alpha_study import AlphaStudy
from lib.signals.explained import SPREAD
from lib.signals.factor_models import MODELS
from lib.signals.pages import universe
from lib.signals.pages.alphas_luck import deflated_sentence, overfitting_sentence
from lib.signals.pages.alphas_time import SERIES_WORDS, risk_sentence
from lib.tables.columns import fraction, text

HURDLE = 3.0
"""Size of t that one more factor should have after all that were tried (Harvey, Liu and Zhu 2016)."""
FEW_FIRMS = 10
LATE = 45
"""Days from the last factors to the last return after which it is told."""
PORTFOLIO_WORDS = {
    "long_short": "Spread",
    "net": "Spread after costs",
    "long": "Long side",
    "short": "Short side",
}
PERIOD_WORDS = {
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "quarterly": "quarter",
    "semiannual": "half-year",
    "annual": "year",
}

ALPHAS: tuple[str | Column, ...] = (
    "model",
    text("periods", label="On"),
    "alpha_annual",
    "low",
    "high",
    "t",
    "p",
    "r_squared",
    "observations",
    text("why", label="Note"),
)
SENSITIVITY: tuple[str | Column, ...] = (
    "model",
    text("periods", label="On"),
    text("rule", label="Lags"),
    fraction("error", label="Error a period"),
    "t",
    "p",
)
GROUPS: tuple[str | Column, ...] = (text("words", label="Portfolio"), "alpha_annual", "low", "high", "t", "p")
BETAS: tuple[str | Column, ...] = ("factor", "beta", "error", "t", "p")
JOINT: tuple[str | Column, ...] = (
    text("words", label="Portfolios"),
    "model",
    text("named", label="Test"),
    "statistic",
    "numerator",
    "p",
    "mean_size",
    "observations",
    text("why", label="Note"),
)
TESTS = {"grs": "GRS, F", "wald": "the same, chi²", "robust": "robust, chi²"}


def faults(study: AlphaStudy, origins: list[str], *, left: bool = True) -> list[str]:
    """What is wrong with the data or could not be answered; ``left``: some firm left the market."""
    found = []
    generated = [name for name in origins if name != "real"]
    if generated:
        found += universe.generated(generated)
    made_up = [name for name in study.factor_origins if name != "real"]
    if made_up and not generated:
        found.append(MadeUp(f"The factors are {wording.joined(made_up)}."))
    if not study.periods:
        found.append("The sort found no period with both sides: there is nothing to explain.")
    if study.firms < FEW_FIRMS:
        firms = wording.plural(round(study.firms), "firm")
        alive = "" if left or generated else ", all survivors that were chosen with hindsight"
        found.append(f"A group holds {firms} in the middle case{alive}: they prove nothing, whatever t says.")
    if not study.factor_set:
        found.append("No factor set is named, so that no alpha can be told from the return itself.")
    elif not study.factors:
        found.append(f"The data hold no factors of the set {study.factor_set}: there is no alpha.")
    found += _ended(study)
    found += _short_sentences(study)
    if study.code("overfitting"):
        found.append(f"Overfitting cannot be judged: {codes.words(study.code('overfitting'))}.")
    return found


def _ended(study: AlphaStudy) -> list[str]:
    """That the factors end before the spread does, where it is so."""
    if study.best is None:
        return []
    one = study.parts[study.best["series"]]
    last = one.returns.index.max()
    known = one.factors[list(MODELS[study.best["model"]])].dropna().index.max()
    if last - known <= pd.Timedelta(days=LATE):
        return []
    lost = int((one.returns.index > known).sum())
    return [
        f"The factors of {study.best['model']} end on {wording.date(known)}: the last "
        f"{wording.plural(lost, _period(study, study.best['series']))} of the spread are not explained."
    ]


def _short_sentences(study: AlphaStudy) -> list[str]:
    """Models refused for too few periods, and factors that the set lacks, with the numbers."""
    table = study.tables["signal_alphas"]
    own = table.loc[(table["portfolio"] == SPREAD) & table["by_rule"]]
    found = []
    short = own.loc[own["code"] == "TOO_SHORT"].sort_values("factors")
    for series, rows in short.groupby("series", sort=True):
        row = rows.iloc[-1]
        periods = wording.plural(int(row["observations"]), _period(study, str(series)))
        instead = own.loc[(own["model"] == row["model"]) & own["alpha"].notna(), "series"]
        then = f"; {SERIES_WORDS[instead.iloc[0]]} are used instead" if len(instead) else ""
        factors = wording.plural(int(row["factors"]), "factor")
        found.append(f"{periods} cannot carry {factors} ({wording.count(row['needed'])} are needed){then}.")
    if (own["code"] == "FACTOR_FREQUENCY").any():
        found.append("The factors come by other periods than the signal is held; they are not put together.")
    lacking = list(dict.fromkeys(own.loc[own["code"] == "NO_FACTORS", "model"]))
    if lacking:
        found.append(f"The set {study.factor_set} lacks factors of {wording.joined(lacking)}.")
    if (own["code"] == "NO_OVERLAP").any() and study.best is None:
        found.append(f"The factors of {study.factor_set} and the signal have no period in common.")
    return found


def _period(study: AlphaStudy, series: str) -> str:
    return PERIOD_WORDS.get(study.parts[series].frequency, "period")


def verdict(study: AlphaStudy) -> str:
    """Whether known factors explain the spread, and whether luck does."""
    return f"{alpha_sentence(study)} {deflated_sentence(study)}"


def alpha_sentence(study: AlphaStudy) -> str:
    """The alpha of the model that speaks, with its interval and the hurdle of three."""
    row = study.best
    if row is None:
        return "No factor model could be fitted to the spread, so that its return stands unexplained."
    low, high = (wording.percent(row[name], signed=True) for name in ("low", "high"))
    spans = f"(95% interval {low} to {high}, t {wording.ratio(row['t'])})"
    said = f"{row['model']} leaves {wording.percent(row['alpha_annual'], signed=True)} a year {spans}"
    if row["p"] < 0.05 and row["alpha"] < 0.0:
        return f"{said}: against the hypothesis."
    if row["t"] > HURDLE:
        return f"{said}: more than the hurdle of 3 that a new signal should clear."
    if row["p"] < 0.05:
        return f"{said}: not zero by the usual measure, but under the hurdle of 3 for one of many tries."
    return f"{said}: not to be told from zero."


def alphas(study: AlphaStudy) -> pd.DataFrame:
    """The spread's alphas by model and series, in words."""
    table = study.tables["signal_alphas"]
    own = table.loc[(table["portfolio"] == SPREAD) & table["by_rule"]]
    own = own.assign(order=own["series"].map({"holding": 0, "month": 1, "day": 2}))
    return _in_words(own.sort_values(["order", "factors", "model"]))


def alphas_dots(study: AlphaStudy) -> dict[str, list]:
    """The same as arguments of dots with intervals."""
    own = alphas(study).dropna(subset=["alpha_annual"])
    labels = (own["model"] + ", " + own["periods"]).tolist()
    parts = {"values": "alpha_annual", "low": "low", "high": "high"}
    return {"labels": labels, **{key: own[name].tolist() for key, name in parts.items()}}


def alphas_sentence(study: AlphaStudy) -> str:
    """How far the models agree."""
    known = alphas(study).dropna(subset=["alpha_annual"])
    if known.empty:
        return "No model could be fitted; the notes say why."
    apart = known.loc[known["p"] < 0.05]
    low, high = (wording.percent(edge(known["alpha_annual"]), signed=True) for edge in (min, max))
    return (
        f"Of {wording.plural(len(known), 'regression')} {wording.count(len(apart))} put alpha apart from "
        "zero at "
        f"5%; alphas lie between {low} and {high} a year. Dots in grey cannot be told from zero."
    )


def sensitivity(study: AlphaStudy) -> pd.DataFrame:
    """Errors of the spread's alpha with other lags, of the series that speaks."""
    table = study.tables["signal_alphas"]
    own = table.loc[(table["portfolio"] == SPREAD) & table["alpha"].notna()]
    if study.best is not None:
        own = own.loc[own["series"] == study.best["series"]]
    rule = own["lags"].astype("str") + own["by_rule"].map({True: ", by the rule", False: ""})
    return _in_words(
        own.assign(rule=rule).sort_values(["factors", "model", "by_rule"], ascending=[True, True, False])
    )


def sensitivity_sentence(study: AlphaStudy) -> str:
    """Whether the number of lags decides."""
    own = sensitivity(study)
    if own.empty:
        return "There is no error to compare."
    spread = own.groupby("model")["p"].agg(["min", "max"])
    turned = spread.loc[(spread["min"] < 0.05) & (spread["max"] >= 0.05)]
    if len(turned):
        return (
            "The choice of lags decides whether alpha counts as significant in "
            f"{wording.joined(turned.index)}."
        )
    return "Whether alpha counts as significant does not depend on the number of lags."


def groups(study: AlphaStudy) -> pd.DataFrame:
    """Alphas of the sides and of each group, by the model and series that speak."""
    table = study.tables["signal_alphas"]
    if study.best is None:
        return table.iloc[:0].assign(words="")
    same = table["by_rule"] & (table["model"] == study.best["model"])
    rows = table.loc[same & table["alpha"].notna() & (table["series"] == study.best["series"])]
    words = rows["portfolio"].map(PORTFOLIO_WORDS).fillna(rows["portfolio"].map(wording.sentence_case))
    return rows.assign(words=words)


def groups_sentence(study: AlphaStudy) -> str:
    """Which side carries the alpha."""
    rows = groups(study).set_index("portfolio")
    if "long" not in rows.index or "short" not in rows.index:
        return "Alphas of the sides need the return of cash, which the factor set does not have."
    long, short = (float(rows.loc[side, "alpha_annual"]) for side in ("long", "short"))
    side = "long" if abs(long) >= abs(short) else "short"
    return (
        f"Of the spread's alpha the long side has {wording.percent(long, signed=True)} a year, the short "
        "side "
        f"{wording.percent(short, signed=True)}: most of it comes from the {side} side."
    )


def betas(study: AlphaStudy) -> pd.DataFrame:
    """Betas of the spread in the regression that speaks."""
    table = study.tables["signal_betas"]
    if study.best is None:
        return table.iloc[:0]
    same = (table["model"] == study.best["model"]) & (table["series"] == study.best["series"])
    return table.loc[same & (table["portfolio"] == SPREAD)]


def betas_sentence(study: AlphaStudy) -> str:
    """Which factors the spread is exposed to."""
    table = betas(study)
    if table.empty:
        return "There is no regression to take betas from."
    clear = table.loc[table["p"] < 0.05]
    if clear.empty:
        return "The spread moves with none of the factors beyond chance."
    moves = (f"{row.factor} ({wording.ratio(row.beta, signed=True)})" for row in clear.itertuples())
    return f"The spread moves with {wording.joined(moves)}; the other betas cannot be told from zero."


def joint(study: AlphaStudy) -> pd.DataFrame:
    """Joint tests in words."""
    table = study.tables["signal_joint_alphas"]
    words = table["portfolios"].map(lambda name: "Groups of the signal" if name == "groups" else name)
    return _noted(table.assign(words=words, named=table["test"].map(TESTS)))


def joint_sentence(study: AlphaStudy) -> str:
    """Whether the groups' alphas are zero together, beside portfolios that are known to be hard."""
    table = study.tables["signal_joint_alphas"]
    tested = table.loc[(table["test"] == "grs") & table["p"].notna()]
    own = tested.loc[tested["portfolios"] == "groups"]
    others = tested.loc[tested["portfolios"] != "groups"]
    said = "The groups could not be tested together"
    if len(own):
        refused = int((own["p"] < 0.05).sum())
        said = (
            f"{refused} of {wording.plural(len(own), 'model')} fail to price the groups of the signal (p "
            "under 5%)"
        )
    if others.empty:
        return f"{said}."
    bad = int((others["p"] < 0.05).sum())
    return (
        f"{said}. Known portfolios are mispriced in {bad} of {len(others)} tests: a factor model that fails "
        "there leaves alphas that are its own."
    )


def checks(study: AlphaStudy) -> list[Check]:
    """What must hold of this very result."""
    table = study.tables["signal_attribution"]
    alphas_table = study.tables["signal_alphas"]
    sums = table.groupby(["portfolio", "date"])["value"].sum()
    if len(sums):
        totals = {
            name: study.parts[rows["series"].iloc[0]].returns[name]
            for name, rows in table.groupby("portfolio")
        }
        whole = pd.concat(totals).rename_axis(["portfolio", "date"]).reindex(sums.index)
    else:
        whole = sums
    estimated = alphas_table.loc[alphas_table["alpha"].notna()]
    few = int((estimated["observations"] < estimated["needed"]).sum())
    silent = alphas_table["alpha"].isna() & (alphas_table["code"] == "")
    splits = study.tables["signal_overfitting"]
    below = float((splits["relative_rank"] <= 0.5 + 1e-12).mean()) if len(splits) else float("nan")
    return [
        close("Cash, alpha, premia and residual add up to each return", sums, whole, tolerance=1e-12),
        none("No regression has fewer periods than it needs", few, "with fewer"),
        none("Whatever has no alpha has a reason", int(silent.sum()), "without one"),
        within("Explained shares lie between nothing and everything", estimated["r_squared"], 0.0, 1.0),
        close("The probability of overfitting is the share of splits", study.figure("overfitting"), below),
        holds(
            "Deflating takes away and never adds",
            not study.figure("deflated_sharpe") > study.figure("probabilistic_sharpe") + 1e-12,
            f"{wording.percent(study.figure('deflated_sharpe'))} of "
            f"{wording.percent(study.figure('probabilistic_sharpe'))}",
        ),
    ]


def key_figures(study: AlphaStudy) -> list[KeyFigure]:
    """Alpha, its t, the deflated Sharpe ratio and the probability of overfitting."""
    row = study.best
    alpha, t = (float("nan"),) * 2 if row is None else (float(row["alpha_annual"]), float(row["t"]))
    return [
        KeyFigure("alpha_a_year", alpha, "fraction", "higher", alpha_sentence(study)),
        KeyFigure("alpha_t", t, "ratio", "higher", f"The hurdle for one of many tries is {HURDLE:.0f}."),
        KeyFigure("sharpe", study.risk("sharpe"), "ratio", "higher", risk_sentence(study)),
        KeyFigure(
            "deflated_sharpe",
            study.figure("deflated_sharpe"),
            "probability",
            "higher",
            deflated_sentence(study),
        ),
        KeyFigure(
            "overfitting", study.figure("overfitting"), "probability", "lower", overfitting_sentence(study)
        ),
    ]


def _in_words(rows: pd.DataFrame) -> pd.DataFrame:
    return _noted(rows.assign(periods=rows["series"].map(SERIES_WORDS)))


def _noted(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(why=[codes.words(code) if code else "" for code in rows["code"]], code="")
