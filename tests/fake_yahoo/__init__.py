"""A Yahoo Finance of our own on 127.0.0.1, so that the shipped code is tested as it is, over the wire.

A real HTTPS server behind a real proxy (CONNECT), reached by environment variables alone; it serves a
``World`` of generated series as Yahoo does: restated for splits, in single precision, with cookie and crumb.

    world = World.generated(["AAA", "BBB"], sessions, splits={"AAA": {"2024-03-01": 4.0}})
    with FakeYahoo(world) as yahoo:
        os.environ.update(yahoo.environment())     # or env= of a subprocess
        yahoo.fault("AAA", "limited_once")
        ...
        yahoo.count("AAA"), yahoo.requests         # what came
        yahoo.heal()

World
    World.generated(symbols, sessions, seed=, splits=, dividends=, yields=, profiles=)
    world.truth(symbol)            bars as traded: date open high low close volume dividend split
    world.through = "2024-05-31"   the last day that is served, all when None; may be moved
    world.add_chain(underlying, expiries, strikes)   option quotes, priced from the last served close
    world.profiles[symbol]         what Ticker.info gives; any text may be put in

Faults: ``yahoo.fault(symbol, kind, **options)``; symbol ``"*"`` is all; kind may end in ``_once`` or
``_always`` (the default); ``times=n`` too. ``endpoint="chart"`` (``profile``, ``quote``, ``options``,
``crumb``) keeps it to one service; without it a fault is for all but cookie and crumb. Several faults of a
symbol add up; of those that replace the answer the first one counts.

    instead of the answer   limited (retry_after=), server_error, forbidden, html, right_back, truncated,
                            empty_body, unknown, hang (seconds=), slow (seconds=), drop
    in the chart's form     no_adjclose, no_meta, no_bars, wrong_timezone (timezone=), wrong_symbol, weekly
    in the chart's rows     null_rows (dates=), gap (first=, last=), changed_close (date=, factor=),
                            added_split (date=, ratio=), duplicated_day (date=, factor=), swapped (date=),
                            tenfold (date=, factor=), negative (date=), weekend (date=), open_session

``python -m tests.fake_yahoo`` starts one for handwork and prints the environment to export.
"""

from .server import FakeYahoo, Request
from .worlds import World

__all__ = ["FakeYahoo", "Request", "World"]
