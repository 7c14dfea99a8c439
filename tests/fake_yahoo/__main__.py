"""A fake Yahoo for handwork: prints what to export, then serves until it is interrupted."""

import contextlib
import shlex
import threading

import pandas as pd

from . import FakeYahoo, World

SYMBOLS = ["AAPL", "MSFT", "JNJ", "SPY", "QQQ", "^GSPC"]


def main():
    """Five symbols, Treasury indices and a chain, on the business days of ten years up to yesterday."""
    days = pd.bdate_range(end=pd.Timestamp.now().normalize() - pd.Timedelta(days=1), periods=2520)
    funds = {name: {"quoteType": "ETF"} for name in ("SPY", "QQQ")}
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
