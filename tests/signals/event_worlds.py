"""Events on the generated worlds, and one call for their study."""

from __future__ import annotations

import pandas as pd

from lib.contracts import conform, empty
from lib.signals import events as study_of
from lib.signals.event_windows import EventRules
from lib.tables import TABLES
from tests.signals.worlds import EXCHANGE

QUICK = study_of.Yardstick(permutations=199, placebos=60)


def listed(rows: list[tuple[str, str | None, str]], origin: str = "generated") -> pd.DataFrame:
    """Rows (event, entity or None for all, moment in UTC) as the table ``signal_events``."""
    frame = pd.DataFrame(rows, columns=["event", "entity", "known_at"])
    frame["known_at"] = pd.to_datetime(frame["known_at"], format="mixed").dt.tz_localize("UTC")
    more = {"event_list": "list", "detail": "planted", "source": "world", "origin": origin}
    return conform(frame.assign(**more), TABLES["signal_events"])


def studied(
    tables: dict[str, pd.DataFrame],
    events: pd.DataFrame,
    *,
    as_of: str = "2049-01-01",
    rules: EventRules | None = None,
    benchmark: str | None = "world index",
    shift: int = 0,
    **more,
) -> study_of.EventStudy:
    """The study of a list in a world; ``shift`` moves the market by sessions, as a leak would."""
    own, chosen, _ = study_of.inputs(
        tables["signal_returns"],
        tables["signal_memberships"],
        tables["signal_delistings"],
        events,
        universe="world",
        listed="list",
        as_of=as_of,
        delisting_return=-0.3,
    )
    market, name = study_of.market_returns(tables["signal_benchmarks"], benchmark, own)
    if shift:
        market = pd.Series(market).shift(shift).bfill().to_numpy()
    return study_of.event_study(
        chosen,
        own,
        market,
        tables["signal_delistings"],
        tables["signal_values"],
        tables.get("signal_facts", empty(TABLES["signal_facts"])),
        as_of=as_of,
        exchange=EXCHANGE,
        rules=rules or EventRules(),
        market_name=name,
        yardstick=more.pop("yardstick", QUICK),
        **more,
    )
