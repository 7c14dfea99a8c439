"""Tells the channels of what fired and is not told yet, and keeps what each of them did.

The outcome of each channel is a line of the history, written when the channel has answered. Where a run is
killed between the two, the next one tells that channel again, with the same id, by which a receiver can know
a repetition: to be told twice is better than never.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lib.run.alerts.channels import Outcome, send
from lib.run.alerts.history import History
from lib.run.events import Events
from lib.run.request.alerts import Alerts

GONE = "the params have no such channel any more"


def tell(
    history: History, alerts: Alerts, run: str, events: Events, environ: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The alerts of this call: those that fired in it, and those that a killed one had not told."""
    channels = {one.id: one for one in alerts.channels}
    told = {one["alert"] for one in history.facts if one["fact"] == "announced"}
    now = [one for one in history.fired() if one["id"] not in told]
    for alert in now:
        events.alert({name: alert[name] for name in ("id", "rule", "subject", "priority", "message")})
        for name in (one for one in alert["channels"] if one not in alert["sent"]):
            outcome = send(channels[name], alert, environ) if name in channels else Outcome(False, GONE)
            fact = {"fact": "sent", "alert": alert["id"], "channel": name}
            history.add({**fact, "outcome": outcome.word, "detail": outcome.detail})
            if not outcome.sent:
                events.warn(f"channel {name} was not told of alert {alert['id']}: {outcome.detail}")
        history.add({"fact": "announced", "alert": alert["id"]})
    return now
