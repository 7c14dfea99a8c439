"""Signals that ask a call to end, as an exception in its main thread."""

from __future__ import annotations

import signal

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """A signal asked the call to end."""

    def __init__(self, number: int):
        super().__init__(number)
        self.number = number

    @property
    def name(self) -> str:
        """The signal as it is called, ``SIGTERM``."""
        return signal.Signals(self.number).name


def heed_signals() -> None:
    """From now on the signals that ask to end raise Stopped; one that comes again is not heard."""
    for number in NUMBERS:
        signal.signal(number, _stop)


def _stop(number: int, _: object) -> None:
    for one in NUMBERS:
        signal.signal(one, signal.SIG_IGN)
    raise Stopped(number)
