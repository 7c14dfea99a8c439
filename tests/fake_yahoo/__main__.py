"""A fake Yahoo for handwork: prints what to export, then serves until it is interrupted."""

import contextlib
import shlex
import threading

import pandas as pd

from lib.market import calendar

from . import FakeYahoo, World

FUNDS = ["QUAL", "VLUE", "MTUM", "SIZE", "USMV"]
SYMBOLS = ["AAPL", "MSFT", "JPM", "KO", "XOM", "AMD", "GE", "NVDA", "HD", "LLY", *FUNDS, "^GSPC"]


def main():
    """What ``params/yahoo.yaml`` asks for, generated, since 2015 up to the last closed session."""
    days = calendar.sessions(
        "2015-01-02", calendar.last_closed_session(pd.Timestamp.now("UTC").tz_localize(None))
    )
    funds = {name: {"quoteType": "ETF"} for name in FUNDS}
    world = World.generated(SYMBOLS, days, yields=True, profiles=funds, splits={"AAPL": {days[1200]: 4.0}})
    spot = world.truth("AAPL")["close"].iloc[-1]
    strikes = [round(spot * part / 5) * 5 for part in (0.8, 0.9, 1.0, 1.1, 1.2)]
    world.add_chain("AAPL", [days[-1] + pd.Timedelta(days=n) for n in (30, 90)], strikes)
    with FakeYahoo(world) as yahoo:
        for name, value in yahoo.environment().items():
            print(f"export {name}={shlex.quote(value)}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
