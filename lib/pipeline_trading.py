"""The rows of the pipeline that are about trading: rules, the paper account, its risk, and every trade."""

from __future__ import annotations

from lib.contracts import Stage

TRADING: tuple[Stage, ...] = ()
