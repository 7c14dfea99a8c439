"""The tables of market/quality for some raw bars: sound ones, and some worn by every kind of fault."""

import pandas as pd
from bar_worlds import AS_OF, DAYS, bars, check_all, sync_events, sync_log

from lib.contracts import conform
from lib.market.pages import quality as page
from lib.market.quality.gaps import find_gaps
from lib.market.quality.scores import data_quality
from lib.tables import TABLES

NONE = sync_events()


class World:
    """The stage's tables for some raw bars."""

    def __init__(self, *frames, events=NONE, **status):
        self.raw = pd.concat(frames, ignore_index=True)
        self.checked = check_all(self.raw)
        self.log = sync_log(**(status or dict.fromkeys(self.raw["symbol"].unique(), "ok")))
        self.quality = self.table()
        self.gaps = find_gaps(self.checked.prices, self.checked.issues, events)
        self.changes = page.changes(events)

    def table(self):
        prices, issues, repairs = self.checked
        table = data_quality(self.raw, prices, issues, repairs, self.log, as_of=AS_OF)
        return conform(table, TABLES["data_quality"])

    def row(self, symbol):
        return self.quality.set_index("symbol").loc[symbol]

    def failing(self, quality=None, gaps=None):
        prices, issues, repairs = self.checked
        asked = page.checks(
            self.quality if quality is None else quality,
            self.gaps if gaps is None else gaps,
            prices,
            issues,
            repairs,
        )
        return [one.name for one in asked if not one.passed]


def worn_world():
    """Three symbols with a gap, a quarantined bar, a repaired range, an early end; one that is missing."""
    frame = bars(open=101.0, high=110.0, low=90.0).drop(index=[10, 11])
    frame.loc[15, "close"] = -1.0
    frame.loc[16, ["high", "low"]] = [90.0, 110.0]
    events = sync_events(
        ("BBB", "gap_filled", DAYS[3], DAYS[4], 2, "asked again, 2 of 2 sessions came"),
        ("BBB", "restated", DAYS[0], DAYS[9], 10, "close on 2022-11-01 was 100, is 50"),
        ("AAA", "gap_open", DAYS[10], DAYS[11], 2, "asked again, 0 of 2 sessions came"),
    )
    return World(
        frame, bars("BBB"), bars("CCC").iloc[:-6], events=events, AAA="ok", BBB="ok", CCC="ok", DDD="limited"
    )
