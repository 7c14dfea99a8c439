"""The fred provider: asks for every vintage of each series, keeps the answers, answers a run from them.

The key is read from the environment variable ``FRED_API_KEY`` when something is to be asked. What a run gets
depends on the kept answers up to its as-of date. A series that cannot be had now keeps its older answer,
and the log says so.
"""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pandas as pd

from lib.errors import InputError
from lib.market.macro import raw
from lib.market.macro.fred.client import KEY, Client
from lib.market.macro.fred.series import Series, asked
from lib.market.macro.fred.vintages import fetch_series
from lib.policy import Policy, Refused
from lib.prepare_request import PrepareRequest
from lib.progress import tell

SOURCE = "fred"
POLICY = ("attempts", "base_wait", "deadline", "timeout", "calls_per_second", "breaker")


def fetch(request: PrepareRequest) -> raw.Raw:
    """The figures of the asked series; InputError where a key is needed and there is none, or not taken."""
    series = asked(request.settings["series"])
    kept = Kept(Path(request.store))
    answer, began = raw.Raw(), time.monotonic()
    client = None if request.offline else _client(request, answer)
    refused: dict[str, Refused] = {}
    for done, one in enumerate(series):
        tell(request.progress, done, len(series))
        if client is not None and (request.refresh or not kept.fresh(one, request)):
            try:
                start, today = (pd.Timestamp(day) for day in (request.settings["start"], request.now[:10]))
                kept.put(one, fetch_series(client, one, start.as_unit("us"), today.as_unit("us")), request)
            except Refused as fault:
                refused[one.name] = fault
    for one in series:
        _take(answer, one, kept, refused.get(one.name))
    seconds = round(time.monotonic() - began, 3)
    told = {"source": SOURCE, "requests": client.requests if client else 0, "seconds": seconds}
    answer.events.append({"event": "sync", "state": "offline" if request.offline else "done", **told})
    answer.moment = told
    answer.validity = {"until": _until(request, refused), "watch": kept.digests(series)}
    return answer


def _client(request: PrepareRequest, answer: raw.Raw) -> Client:
    """A client with the key of the environment. Raises InputError where it has none."""
    key = os.environ.get(KEY, "").strip()
    if not key:
        raise InputError(
            f"the environment has no {KEY}",
            mend=f"set {KEY} to the key of your account, or take `provider: folder`",
            file=request.params_file,
            field="macro.provider",
        )
    policy = Policy(section="macro", **{name: request.settings[name] for name in POLICY})
    return Client(request.settings["address"].rstrip("/"), key, policy, answer.events.append)


def _take(answer: raw.Raw, one: Series, kept: Kept, fault: Refused | None) -> None:
    """Add what is kept of a series, and a line of the log where something is to be said."""
    held = kept.get(one)
    if held is None:
        status, detail = (fault.status, fault.detail) if fault else ("missing", "never asked for")
        answer.log.append({"item": one.name, "status": status, "skipped": 0, "detail": detail})
        return
    figures, skipped = held
    answer.figures.append(figures.assign(series=one.name, source=f"{SOURCE} {one.id}", origin="real"))
    told = ("stale", f"an older answer: {fault.detail}") if fault else ("ok", None)
    answer.log.append({"item": one.name, "status": told[0], "skipped": skipped, "detail": told[1]})


def _until(request: PrepareRequest, refused: dict[str, Refused]) -> str:
    """Until when the answer stands: at once over where a series was refused."""
    now = pd.Timestamp(request.now)
    lasting = 0.0 if refused else request.settings["refresh_hours"]
    return (now + pd.Timedelta(hours=lasting)).isoformat()


class Kept:
    """The answers by series, one Parquet file each, written whole or not at all."""

    def __init__(self, folder: Path):
        self.folder = folder

    def _path(self, one: Series) -> Path:
        digest = hashlib.sha256(f"{one.id} {one.how}".encode()).hexdigest()[:8]
        return self.folder / f"{one.id}-{digest}.parquet"

    def get(self, one: Series) -> tuple[pd.DataFrame, int] | None:
        """Figures and the number of observations without a value; None where nothing is kept."""
        held = self._read(one)
        if held is None:
            return None
        return held.drop(columns=["asked", "skipped", "start"]), int(held["skipped"].iloc[0])

    def fresh(self, one: Series, request: PrepareRequest) -> bool:
        """Whether the answer is younger than the settings want it, and begins where they say."""
        held = self._read(one)
        if held is None or held["start"].iloc[0] != request.settings["start"]:
            return False
        age = pd.Timestamp(request.now) - pd.Timestamp(held["asked"].iloc[0])
        return pd.Timedelta(0) <= age < pd.Timedelta(hours=request.settings["refresh_hours"])

    def put(self, one: Series, figures: pd.DataFrame, request: PrepareRequest) -> None:
        """Keep an answer. Raises Refused for one without a figure."""
        if figures.empty:
            raise Refused("invalid", "no observation with a value")
        said = {"asked": request.now, "skipped": figures.attrs["skipped"], "start": request.settings["start"]}
        path, new = self._path(one), self._path(one).with_suffix(".new")
        path.parent.mkdir(parents=True, exist_ok=True)
        figures.assign(**said).to_parquet(new, index=False)
        new.replace(path)

    def digests(self, series: list[Series]) -> dict[str, str]:
        """sha256 of the file of each series, empty where there is none."""
        paths = [self._path(one) for one in series]
        return {
            str(path): hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
            for path in paths
        }

    def _read(self, one: Series) -> pd.DataFrame | None:
        try:
            held = pd.read_parquet(self._path(one))
        except (OSError, ValueError):
            return None
        return held if len(held) else None
