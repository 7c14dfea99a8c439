"""Brings the store up to date: the daily list, the scheme master, history, expense ratios, average assets.

Nothing that the store has whole is asked for again. What reaches the day before yesterday or earlier is
whole; what reaches further is asked again once ``refresh_hours`` have passed. History comes a house and at
most 90 days at a time, a month at a time where no house is named; it is kept by month and house.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pandas as pd

from lib.funds.amfi import nav_text, side_files
from lib.funds.amfi.client import Answer, Client
from lib.funds.amfi.nav_text import BadAnswer
from lib.funds.amfi.store import Store
from lib.prepare_request import PrepareRequest
from lib.progress import tell

DAILY, MASTER, HISTORY, EXPENSES, ASSETS = "daily", "master", "history", "expenses", "assets"
LONGEST_RANGE = 90
ALL_HOUSES = "all"
ASSETS_LAG = pd.Timedelta(days=15)
"""Average assets of a quarter are taken for published so many days after its end."""
MOST_LOST = 0.5
MOST_PAGES = 200


@dataclass
class Sync:
    """One bringing up of the store for a request."""

    store: Store
    request: PrepareRequest
    client: Client

    def __post_init__(self) -> None:
        now = pd.Timestamp(self.request.now or pd.Timestamp.now("UTC"))
        self.now = now.tz_convert(None) if now.tzinfo else now
        self.today = (self.now + pd.Timedelta(hours=5.5)).normalize()
        self.refresh = pd.Timedelta(hours=float(self.request.settings["refresh_hours"]))

    def bring_up(self) -> None:
        """Ask for all that is due, keep what came, note how each ask ended."""
        steps = [self._daily, self._history]
        steps += [self._expenses] if self.request.settings["expenses"] else []
        steps += [self._assets] if self.request.settings["assets"] else []
        for done, step in enumerate(steps):
            tell(self.request.progress, done, len(steps))
            step()
        tell(self.request.progress, len(steps), len(steps))

    def _due(self, item: str, through: pd.Timestamp) -> bool:
        """Whether the item does not reach ``through`` and was not asked for lately."""
        known = self.store.items.get(item, {})
        if known.get("through") and pd.Timestamp(known["through"]) >= through and not self.request.refresh:
            return False
        failed = known.get("status", "ok") != "ok"
        recent = "asked_at" in known and self.now - pd.Timestamp(known["asked_at"]) < self.refresh
        return self.request.refresh or failed or not recent

    def _daily(self) -> None:
        """The list of the newest day, and with it the master."""
        if not self._due(DAILY, self.request.as_of):
            return
        url = f"{self._base}/spages/NAVAll.txt"
        answer = self.client.ask("daily list", url, self._whole_list)
        if answer.status == "ok":
            rows = answer.value.rows
            day = f"{rows['date'].max():%Y-%m-%d}"
            facts = self._facts(answer, skipped=answer.value.skipped, detail=answer.value.told)
            self.store.keep(f"{DAILY}/{day}", rows, through=day, **facts)
            self.store.note(DAILY, through=day, **facts)
        else:
            self.store.note(DAILY, **self._facts(answer))
        self._master()

    def _whole_list(self, content: bytes) -> nav_text.NavText:
        """The list, which must not have lost half of the one before."""
        found = nav_text.read(content, today=self.today)
        before = [self.store.items[item]["rows"] for item in self.store.holds(f"{DAILY}/")][-1:]
        if before and len(found.rows) < MOST_LOST * before[0]:
            raise BadAnswer(
                f"{len(found.rows):,} funds where the last list had {before[0]:,}: it is not whole"
            )
        return found

    def _master(self) -> None:
        answer = self.client.ask(
            "scheme master", f"{self._base}/DownloadSchemeData_Po.aspx?mf=0", side_files.master
        )
        if answer.status == "ok":
            frame, skipped = answer.value
            self.store.keep(f"{MASTER}/{self.today:%Y-%m-%d}", frame, **self._facts(answer, skipped=skipped))
            self.store.note(MASTER, **self._facts(answer, skipped=skipped))
        else:
            self.store.note(MASTER, **self._facts(answer))

    def _history(self) -> None:
        start = self.request.settings["start"]
        if not start:
            return
        for house in self.request.settings["houses"] or [ALL_HOUSES]:
            for months in ranges(pd.Timestamp(start), self.request.as_of, whole=house != ALL_HOUSES):
                due = [month for month in months if self._due(_month_item(house, month), self._end(month))]
                if due:
                    self._range(house, due)

    def _range(self, house: str, months: list[pd.Period]) -> None:
        first = max(months[0].start_time, pd.Timestamp(self.request.settings["start"]))
        last = self._end(months[-1])
        query = {"mf": house} if house != ALL_HOUSES else {}
        query |= {"tp": "1", "frmdt": f"{first:%d-%b-%Y}", "todt": f"{last:%d-%b-%Y}"}
        item = f"history of house {house} from {first:%Y-%m-%d}"
        reader = partial(nav_text.read, today=self.today, may_be_empty=True)
        answer = self.client.ask(
            item, f"{self._base}/DownloadNAVHistoryReport_Po.aspx?{urlencode(query)}", reader
        )
        for month in months:
            name, facts = _month_item(house, month), self._facts(answer)
            if answer.status != "ok":
                self.store.note(name, **facts)
                continue
            rows = answer.value.rows
            rows = rows[rows["date"].dt.to_period("M") == month].reset_index(drop=True)
            end = min(self._end(month), self.today - pd.Timedelta(days=2))
            facts |= {"skipped": answer.value.skipped, "detail": answer.value.told}
            self.store.keep(name, rows, through=f"{end:%Y-%m-%d}", **facts)

    def _expenses(self) -> None:
        for month in months_of(self._since, self.request.as_of):
            item = f"{EXPENSES}/{month}"
            if not self._due(item, self._end(month)):
                continue
            answer = self._pages(month)
            if answer.status != "ok":
                self.store.note(item, **self._facts(answer))
                continue
            end = min(self._end(month), self.today - pd.Timedelta(days=2))
            self.store.keep(item, answer.value, through=f"{end:%Y-%m-%d}", **self._facts(answer))

    def _pages(self, month: pd.Period) -> Answer:
        """Every page of the expense ratios of a month as one table; the first failure ends it."""
        parts: list[pd.DataFrame] = []
        page = pages = 1
        while page <= min(pages, MOST_PAGES):
            query = {"MF_ID": "All", "Month": f"{month:%m-%Y}", "strCat": "-1", "strType": "-1"}
            query |= {"page": str(page), "pageSize": "1000"}
            url = f"{self._api}/api/populate-te-rdata-revised?{urlencode(query)}"
            answer = self.client.ask(f"expense ratios of {month}", url, side_files.expense_page)
            if answer.status != "ok":
                return answer
            frame, pages = answer.value
            parts.append(frame)
            page += 1
        return Answer("ok", pd.concat(parts, ignore_index=True).drop_duplicates())

    def _assets(self) -> None:
        """Quarters that are over and published, and that the store lacks."""
        last = self.request.as_of - ASSETS_LAG
        quarters = pd.period_range(self._since - pd.DateOffset(months=4), last, freq="Q")
        wanted = {one.end_time.normalize() for one in quarters if one.end_time <= last}
        lacking = {day for day in wanted if self._due(f"{ASSETS}/{day:%Y-%m-%d}", day)}
        if not lacking or not self._due(ASSETS, max(lacking)):
            return
        url = f"{self._api}/api/average-aum-schemewise?strType=Categorywise&MF_ID=0"
        answer = self.client.ask("years of average assets", url, side_files.financial_years)
        for words, year in (answer.value or {}).items():
            if not any(_in_year(day, words) for day in lacking):
                continue
            answer = self.client.ask("quarters of average assets", f"{url}&fyId={year}", side_files.periods)
            for day, period in (answer.value or {}).items():
                if day in lacking:
                    answer = self._quarter(day, f"{url}&fyId={year}&periodId={period}")
        facts = self._facts(answer)
        self.store.note(ASSETS, **facts)

    def _quarter(self, day: pd.Timestamp, url: str) -> Answer:
        item = f"{ASSETS}/{day:%Y-%m-%d}"
        answer = self.client.ask(f"average assets to {day:%Y-%m-%d}", url, side_files.assets)
        if answer.status == "ok":
            frame, skipped = answer.value
            self.store.keep(item, frame, through=f"{day:%Y-%m-%d}", **self._facts(answer, skipped=skipped))
        return answer

    def _facts(self, answer: Answer, **more: Any) -> dict[str, Any]:
        asked = self.now.isoformat(timespec="seconds")
        return {"status": answer.status, "detail": answer.detail, "asked_at": asked, "skipped": 0, **more}

    def _end(self, month: pd.Period) -> pd.Timestamp:
        return min(month.end_time.normalize(), self.request.as_of)

    @property
    def _since(self) -> pd.Timestamp:
        return pd.Timestamp(self.request.settings["start"] or self.request.as_of)

    @property
    def _base(self) -> str:
        return self.request.settings["base_url"].rstrip("/")

    @property
    def _api(self) -> str:
        return self.request.settings["api_url"].rstrip("/")


def months_of(start: pd.Timestamp, end: pd.Timestamp) -> list[pd.Period]:
    """The months from one day to another."""
    return list(pd.period_range(start, end, freq="M"))


def ranges(start: pd.Timestamp, end: pd.Timestamp, *, whole: bool) -> Iterator[list[pd.Period]]:
    """The months of a history in groups of at most 90 days; each by itself where not ``whole``."""
    group: list[pd.Period] = []
    for month in months_of(start, end):
        days = sum(one.days_in_month for one in group) + month.days_in_month
        if group and (days > LONGEST_RANGE or not whole):
            yield group
            group = []
        group.append(month)
    if group:
        yield group


def _month_item(house: str, month: pd.Period) -> str:
    return f"{HISTORY}/{house}/{month}"


def _in_year(day: pd.Timestamp, words: str) -> bool:
    """Whether a day lies in a financial year such as ``April 2025 - March 2026``."""
    end = side_files.quarter_end(words)
    return end is not None and end - pd.DateOffset(years=1) < day <= end
