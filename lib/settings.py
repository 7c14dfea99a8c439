"""What a provider of data, or a type of alert rule, declares beside its code: settings that params may give.

Plain data, so that a params file is checked before anything heavy is imported. A setting that only says how
a source is asked (how often, how long, where answers are kept) is a policy: it is handed to the provider and
is no part of what identifies a run, since the same data are the same run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Setting:
    """One setting: its kind, default and what it may hold.

    Kinds are ``text``, ``texts`` (a list), ``flag``, ``date``, ``count`` and ``number``; ``path``, a file or
    folder beside the params file whose content identifies the data; and ``store``, the folder that the
    provider keeps, always a policy. A text is one of ``choices`` where there are any; a count and a number
    lie above ``above`` (or are it, where ``least`` says so) and are at most ``most``. A setting whose default
    is None is null where it is not given.
    """

    kind: str
    default: Any = None
    above: float = 0
    least: bool = False
    most: float = 0
    choices: tuple[str, ...] = ()
    required: bool = False
    policy: bool = False


@dataclass(frozen=True)
class Provider:
    """A source of data: the name of the module that asks it, and its settings by name."""

    module: str
    settings: Mapping[str, Setting] = field(default_factory=dict)


@dataclass(frozen=True)
class Condition:
    """A type of rule of alerts over the bars of a symbol: what it looks at, and which thresholds it may have.

    ``measures`` names it, and ``says`` tells what was found, with ``value``, ``threshold``, ``side`` and the
    rule's settings in braces. ``sides`` are those of ``above`` and ``below`` that
    a rule may give, a number within ``threshold``; where that has a default the first side has it. A type
    without sides has its level from the bars. ``unit`` is one of ``lib.contracts.UNITS``.
    """

    measures: str
    says: str
    unit: str
    sides: tuple[str, ...] = ()
    threshold: Setting | None = None
    settings: Mapping[str, Setting] = field(default_factory=dict)
