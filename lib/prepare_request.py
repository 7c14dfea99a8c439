"""What every source of a prepare hook is asked, as one object made of the hook's plain request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import pandas as pd

from lib.conventions import EXCHANGE

CIRCUMSTANCES = ("exchange", "now", "store", "offline", "refresh", "look", "progress")


@dataclass(frozen=True, kw_only=True)
class PrepareRequest:
    """What the run needs: everything up to and with ``as_of``, by the settings of the section.

    ``now`` is ISO, UTC. ``store`` (folder that the provider keeps), ``offline``, ``refresh`` (ask anew for
    what was answered before) and ``look`` (nothing will be carried out) matter to live providers only;
    ``progress`` is a file for ``lib.progress``.
    """

    as_of: pd.Timestamp
    settings: dict[str, Any]
    params_file: str | None = None
    exchange: str = EXCHANGE
    now: str = ""
    store: str = ""
    offline: bool = False
    refresh: bool = False
    look: bool = False
    progress: str = ""

    @classmethod
    def of(cls, request: dict[str, Any], **more: Any) -> Self:
        """From the hook's plain request, with ``more`` fields of a kind of its own."""
        return cls(
            as_of=pd.Timestamp(str(request["as_of"])).normalize().as_unit("us"),
            settings=dict(request["settings"]),
            params_file=request.get("params_file"),
            **{name: request[name] for name in CIRCUMSTANCES if name in request},
            **more,
        )
