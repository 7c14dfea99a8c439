"""All that the stage ``signals/deciles`` computes of one signal, and what its page needs to speak of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lib.codes import flags_of
from lib.contracts import conform, empty
from lib.errors import InputError
from lib.signals import rank_ic, sort_measures, sort_tables, sort_variants
from lib.signals.cube import DELISTING_RETURN, LAG, MAX_AGE, Cube, cube
from lib.signals.sort_costs import CostRules, costs_of, terms_of
from lib.signals.sort_ground import Ground, facts_known, ground, newest_ground, sector_codes
from lib.signals.sort_measures import table_of
from lib.signals.sort_variants import Plan
from lib.signals.sorting import Sorted, sort_firms
from lib.tables import TABLES
from lib.tables.signal_sorts import BASE, WEIGHTINGS
from lib.tables.signals import TOTAL

SIZE = "size"
LONGEST_FACT = 400
"""Days after which a figure from a report is too old to sort by."""


@dataclass(frozen=True)
class Choice:
    """Settings of the stage; ``delisting_return`` stands in where the source does not say."""

    every: str = "monthly"
    lag: int = LAG
    max_age: int = MAX_AGE
    groups: int = 10
    weighting: str = "equal"
    breakpoints_share: float = 1.0
    breakpoints_sector: str = ""
    delisting_return: float = DELISTING_RETURN
    double_by: str = SIZE
    horizons: tuple[int, ...] = (1, 5, 21, 63, 126, 252)
    longest_delay: int = 20
    draws: int = 1000
    seed: int = 7
    costs: CostRules = field(default_factory=CostRules)


@dataclass(frozen=True)
class Inputs:
    """The tables that the stage reads."""

    signal_values: pd.DataFrame
    returns: pd.DataFrame
    memberships: pd.DataFrame
    delistings: pd.DataFrame
    entities: pd.DataFrame
    facts: pd.DataFrame


@dataclass(frozen=True)
class SortStudy:
    """The tables of the stage by name, and what sentences need beside them."""

    tables: dict[str, pd.DataFrame]
    choice: Choice
    own: Sorted
    higher: bool
    hypothesis: str
    universe: str
    origins: tuple[str, ...]
    control_known: bool
    sector_tilt: float

    def row(self, portfolio: str, weighting: str | None = None, sort: str = BASE) -> pd.Series:
        """The row of ``signal_sort_summary``; empty figures where there is none."""
        rows = self.tables["signal_sort_summary"]
        rows = rows.loc[(rows["portfolio"] == portfolio) & (rows["sort"] == sort)]
        rows = rows.loc[rows["weighting"] == (weighting or self.choice.weighting)]
        return rows.iloc[0] if len(rows) else pd.Series(np.nan, index=rows.columns)

    @property
    def periods(self) -> int:
        """Holding periods of the difference."""
        return int(self.own.counted.sum())


def sort_study(
    given: Inputs, choice: Choice, *, as_of: str, universe: str, hypothesis: str, exchange: str
) -> SortStudy:
    """Compute everything from the tables that the stage reads; InputError for a wrong setting."""
    _refuse(choice, hypothesis)
    arrays = cube(
        given.returns,
        given.memberships,
        given.delistings,
        universe=universe,
        as_of=as_of,
        delisting_return=choice.delisting_return,
    )
    if not len(arrays.sessions):
        raise InputError(f"universe {universe} has no return up to {as_of}; look at signals/data")
    values = given.signal_values.loc[given.signal_values["session"] <= pd.Timestamp(as_of)]
    higher = hypothesis == "higher"
    stage = _Stage(given, choice, arrays, values, universe, exchange, higher)
    return stage.study(hypothesis)


def base_spread(study: SortStudy) -> pd.DataFrame:
    """``long_short`` of the sort by the signal itself with the chosen weights."""
    rows = study.tables["long_short"]
    return rows.loc[(rows["sort"] == BASE) & (rows["weighting"] == study.choice.weighting)]


def _refuse(choice: Choice, hypothesis: str) -> None:
    if hypothesis not in ("higher", "lower"):
        raise InputError(f"hypothesis: {hypothesis!r} was found; it is higher or lower")
    if choice.weighting not in WEIGHTINGS:
        raise InputError(f"weighting: {choice.weighting!r} was found; it is {' or '.join(WEIGHTINGS)}")
    if choice.groups < 2:
        raise InputError(f"n_groups: {choice.groups} was found; at least 2 can be compared")


class _Stage:
    """What every sort of one study shares."""

    def __init__(
        self,
        given: Inputs,
        choice: Choice,
        arrays: Cube,
        values: pd.DataFrame,
        universe: str,
        exchange: str,
        higher: bool,
    ):
        self.given, self.choice, self.arrays = given, choice, arrays
        self.table, self.universe, self.exchange, self.higher = values, universe, exchange, higher
        self.ground = ground(arrays, every=choice.every, exchange=exchange)
        self.values = self.known(TOTAL)
        self.sectors, self.sector_names = sector_codes(given.entities, self.ground, universe=universe)
        self.plan = self._plan()
        self.terms = terms_of(self.ground, choice.costs)

    def known(self, component: str, of: Ground | None = None) -> np.ndarray:
        """Values of one part of the signal at the formations."""
        return (of or self.ground).known(
            self.table, lag=self.choice.lag, max_age=self.choice.max_age, component=component
        )

    def _plan(self) -> Plan:
        choice = self.choice
        sector = choice.breakpoints_sector
        if sector and sector not in self.sector_names:
            there = ", ".join(self.sector_names) or "none"
            raise InputError(f"breakpoints_sector: {sector!r} was found; sectors are {there}")
        return Plan(choice.groups, self.higher, choice.weighting, choice.breakpoints_share, sector)

    def sort(self, values: np.ndarray, weighting: str) -> Sorted:
        """A sort of the whole universe by ``values``, with the breakpoints that the settings name."""
        basis = self.plan.breakpoints_of(self.ground, values, self.sectors, self.sector_names)
        return sort_firms(
            self.ground,
            values,
            groups=self.choice.groups,
            higher=self.higher,
            weighting=weighting,
            breakpoints_of=basis,
        )

    def study(self, hypothesis: str) -> SortStudy:
        """Every sort and every table."""
        choice, main = self.choice, self.choice.weighting
        base = {weighting: self.sort(self.values, weighting) for weighting in WEIGHTINGS}
        own = base[main]
        names = sorted(set(self.table["component"]) - {TOTAL})
        parts = {name: self.sort(self.known(name), main) for name in names}
        neutral = sort_variants.within_sectors(self.ground, self.values, self.sectors, self.plan)
        control = self._control()
        whole, thirds = sort_variants.within_control(self.ground, self.values, control, self.plan)
        sorts = [(BASE, weighting, one) for weighting, one in base.items()]
        sorts += [(f"part {name}", main, one) for name, one in parts.items()]
        sorts += [("within sectors", main, neutral), (f"within {choice.double_by}", main, whole)]
        tables = self._sort_tables(sorts)
        costs = costs_of(own, self.terms, choice.costs)
        horizons = list(choice.horizons)
        ic = rank_ic.rank_ic(self.ground, self.values, horizons=horizons)
        delays = list(range(choice.longest_delay + 1))
        basis = self.plan.breakpoints_of(self.ground, self.values, self.sectors, self.sector_names)
        tables |= {
            "signal_groups": sort_tables.groups_table(own),
            "long_short_daily": sort_tables.daily_table(own, costs),
            "signal_sort_dates": self._dates(own),
            "signal_sort_tests": self._tests(base),
            "signal_sort_monotonicity": self._monotonicity(base),
            "signal_sort_costs": self._costs(base),
            "signal_sort_delays": table_of(
                sort_variants.delay_rows(self.ground, self.values, self.plan, delays=delays, basis=basis),
                "signal_sort_delays",
            ),
            "signal_sort_delistings": table_of(
                sort_variants.delisting_rows(own, self.plan, assumed=choice.delisting_return),
                "signal_sort_delistings",
            ),
            "signal_rank_ic": ic,
            "signal_ic_decay": rank_ic.decay(ic, self.ground, horizons=horizons, higher=self.higher),
            "signal_components": table_of(
                sort_variants.component_rows(parts, self.values), "signal_components"
            ),
            "signal_double_sort": table_of(
                sort_variants.double_rows(whole, thirds, control=choice.double_by), "signal_double_sort"
            ),
            "signal_today": self._today(),
        }
        used = self.given.returns.loc[self.given.returns["entity"].isin(self.arrays.entities)]
        return SortStudy(
            tables,
            choice,
            own,
            self.higher,
            hypothesis,
            self.universe,
            tuple(sorted({*used["origin"].unique(), *self.table["origin"].unique()})),
            bool(whole.counted.any()),
            self._sector_tilt(own),
        )

    def _control(self) -> np.ndarray:
        """What the double sort is first sorted by: market value, a part of the signal, or a figure."""
        name = self.choice.double_by
        if name == SIZE:
            return self.ground.cap
        if name in set(self.table["component"]):
            return self.known(name)
        return facts_known(self.given.facts, self.ground, name, exchange=self.exchange, max_age=LONGEST_FACT)

    def _sort_tables(self, sorts: list[tuple[str, str, Sorted]]) -> dict[str, pd.DataFrame]:
        returns, spreads, summary = [], [], []
        for sort, weighting, one in sorts:
            costs = costs_of(one, self.terms, self.choice.costs)
            returns.append(sort_tables.returns_table(one, sort=sort, weighting=weighting))
            spreads.append(sort_tables.spread_table(one, costs, sort=sort, weighting=weighting))
            net = one.spread() - costs.total
            summary += sort_measures.summary_rows(
                one, net, sort=sort, weighting=weighting, every=self.choice.every
            )
        return {
            "group_returns": conform(pd.concat(returns), TABLES["group_returns"]),
            "long_short": conform(pd.concat(spreads), TABLES["long_short"]),
            "signal_sort_summary": table_of(summary, "signal_sort_summary"),
        }

    def _tests(self, base: dict[str, Sorted]) -> pd.DataFrame:
        choice, rows = self.choice, []
        for weighting, one in base.items():
            costs = costs_of(one, self.terms, choice.costs)
            gross = one.spread()[one.counted]
            for portfolio, series in (("long_short", gross), ("net", gross - costs.total[one.counted])):
                rows += sort_measures.tests_rows(
                    series,
                    portfolio=portfolio,
                    weighting=weighting,
                    every=choice.every,
                    draws=choice.draws,
                    seed=choice.seed,
                )
        return table_of(rows, "signal_sort_tests")

    def _monotonicity(self, base: dict[str, Sorted]) -> pd.DataFrame:
        choice = self.choice
        rows = [
            sort_measures.monotonicity_row(
                one, higher=self.higher, weighting=weighting, draws=choice.draws, seed=choice.seed
            )
            for weighting, one in base.items()
        ]
        return table_of(rows, "signal_sort_monotonicity")

    def _costs(self, base: dict[str, Sorted]) -> pd.DataFrame:
        rows = [
            row
            for weighting, one in base.items()
            for row in sort_measures.cost_rows(one, self.choice.costs, weighting=weighting)
        ]
        return table_of(rows, "signal_sort_costs")

    def _dates(self, own: Sorted) -> pd.DataFrame:
        """``signal_sort_dates`` with a note of what was amiss on each date."""
        ground, known = self.ground, ~np.isnan(self.values)
        cells = own.found > 0
        left, gone = cells & ground.left, cells & ground.vanished
        masks = {
            "NO_GROUPS": own.groups == 0,
            "THIN": (own.groups > 0) & (own.groups < self.choice.groups),
            "END_EMPTY": (own.groups > 0) & ~own.used,
            "FIRM_VANISHED": gone.any(axis=1),
            "DELISTING_ASSUMED": (left & self.arrays.assumed).any(axis=1),
        }
        frame = pd.DataFrame(
            {
                "date": ground.dates,
                "members": ground.members.sum(axis=1),
                "not_traded": (ground.members & ~ground.firms).sum(axis=1),
                "without_value": (ground.firms & ~known).sum(axis=1),
                "sorted": known.sum(axis=1),
                "without_cap": (known & np.isnan(ground.cap)).sum(axis=1),
                "groups": own.groups.astype("int64"),
                "delisted": left.sum(axis=1),
                "assumed": (left & self.arrays.assumed).sum(axis=1),
                "vanished": gone.sum(axis=1),
            }
        )
        return conform(frame.assign(flags=flags_of(masks, frame.index)), TABLES["signal_sort_dates"])

    def _today(self) -> pd.DataFrame:
        """``signal_today``: the sort at the last session, so that it shows what would be held."""
        now = newest_ground(self.arrays)
        values = self.known(TOTAL, now)
        sectors, names = sector_codes(self.given.entities, now, universe=self.universe)
        own = sort_firms(
            now,
            values,
            groups=self.choice.groups,
            higher=self.higher,
            weighting=self.choice.weighting,
            breakpoints_of=self.plan.breakpoints_of(now, values, sectors, names),
        )
        columns = np.flatnonzero((own.found[0] > 0) & own.used[0])
        if not len(columns):
            return empty(TABLES["signal_today"])
        entities = self.arrays.entities[columns]
        known = self.given.entities.loc[
            (self.given.entities["universe"] == self.universe)
            & (self.given.entities[["valid_from", "known_at"]].max(axis=1) <= now.dates[0])
        ]
        newest = known.sort_values(["entity", "valid_from", "known_at"]).groupby("entity").last()
        named = newest.reindex(entities)
        position = (own.long - own.short)[0, columns]
        return conform(
            pd.DataFrame(
                {
                    "date": now.dates[0],
                    "entity": entities.to_numpy(),
                    "symbol": named["symbol"].to_numpy(),
                    "name": named["name"].fillna(pd.Series(entities, index=named.index)).to_numpy(),
                    "value": own.scores[0, columns],
                    "group": own.found[0, columns].astype("int64"),
                    "groups": int(own.groups[0]),
                    "side": np.select([position > 0, position < 0], ["long", "short"], "middle"),
                    "position": position,
                }
            ).sort_values(["position", "value", "entity"], ascending=[False, False, True]),
            TABLES["signal_today"],
        )

    def _sector_tilt(self, own: Sorted) -> float:
        """Mean over dates of the largest gap between the sides' shares of one sector; NaN without sectors."""
        if not self.sector_names or not own.used.any():
            return float("nan")
        gap = own.long - own.short
        shares = [
            np.where(self.sectors == one, gap, 0.0).sum(axis=1) for one in range(len(self.sector_names))
        ]
        return float(np.abs(np.array(shares))[:, own.used].max(axis=0).mean())
