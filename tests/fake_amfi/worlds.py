"""Funds of two houses with generated NAVs, and the texts in which AMFI publishes them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

OLD = "Scheme Code;ISIN Div Payout/ ISIN Growth;ISIN Div Reinvestment;Scheme Name;Net Asset Value;Date"
NEW = OLD.replace("Net Asset Value", "Plan;Option;Net Asset Value")
HISTORY = (
    "Scheme Code;Scheme Name;ISIN Div Payout/ISIN Growth;ISIN Div Reinvestment;Net Asset Value;"
    "Repurchase Price;Sale Price;Date"
)
HOUSES = {"53": "Axis Mutual Fund", "9": "HDFC Mutual Fund"}
SECTIONS = (
    "Open Ended Schemes(Equity Scheme - Large Cap Fund)",
    "Open Ended Schemes(Debt Scheme - Short Duration Fund)",
    "Open Ended Schemes(Equity Scheme - Dividend Yield Fund)",
)
KINDS = (("Direct Plan", "Growth"), ("Regular Plan", "Growth"), ("Regular Plan", "IDCW"))
NAMES = ("Blue Chip Fund", "Short Term Fund", "Dividend Yield Fund")


@dataclass
class World:
    """Funds (``code house section base plan option isin``) and their NAVs (days x codes)."""

    funds: pd.DataFrame
    navs: pd.DataFrame
    through: str
    form: str = "old"
    stale: set = field(default_factory=set)
    silent: set = field(default_factory=set)
    gone: set = field(default_factory=set)
    edit: Callable[[str], str] = lambda text: text

    @classmethod
    def generated(cls, *, start="2026-05-01", through="2026-08-18", last="2026-08-31", seed=1, copies=1):
        """Schemes of both houses in three sections, three plans and options each."""
        rows = []
        for copy in range(copies):
            for number, house in HOUSES.items():
                for section, name in zip(SECTIONS, NAMES, strict=True):
                    for plan, option in KINDS:
                        code = str(100000 + len(rows))
                        base = f"{house.split()[0]} {name}{f' {copy}' if copy else ''}"
                        rows.append(
                            (
                                code,
                                number,
                                section,
                                base,
                                plan,
                                option,
                                f"INF{len(rows):06d}AB{len(rows) % 10}",
                            )
                        )
        funds = pd.DataFrame(rows, columns=["code", "house", "section", "base", "plan", "option", "isin"])
        days = pd.bdate_range(start, last)
        moves = np.random.default_rng(seed).normal(3e-4, 0.008, (len(days), len(funds)))
        navs = pd.DataFrame(1000 * np.exp(moves.cumsum(axis=0)), index=days, columns=funds["code"])
        return cls(funds, navs.round(4), through)

    def listed(self, day):
        """NAV and date of each code on a day, as the list has them."""
        days = self.navs.index[self.navs.index <= day]
        found = {}
        for code in self.funds["code"]:
            at = days[-1]
            value = self.navs.loc[at, code]
            if code in self.stale | self.silent:
                value = self.navs[code].iloc[0]
            found[code] = (value, self.navs.index[0] if code in self.silent else at)
        return found

    def daily(self):
        """The daily list in the form of the time."""
        lines, listed = [NEW if self.form == "new" else OLD], self.listed(pd.Timestamp(self.through))
        for section, part in self.funds[~self.funds["code"].isin(self.gone)].groupby("section", sort=False):
            lines += ["", section]
            for house, rows in part.groupby("house", sort=False):
                lines += ["", HOUSES[house], ""]
                for row in rows.itertuples():
                    nav, day = listed[row.code]
                    name = row.base if self.form == "new" else f"{row.base} - {row.plan} - {row.option}"
                    kind = [row.plan, row.option] if self.form == "new" else []
                    lines.append(
                        ";".join([row.code, row.isin, "-", name, *kind, f"{nav:,.4f}", f"{day:%d-%b-%Y}"])
                    )
        return self.edit("\r\n".join(lines) + "\r\n")

    def history(self, query):
        """The NAVs of a house, or of all, between two days."""
        first, last = (pd.to_datetime(query[name], format="%d-%b-%Y") for name in ("frmdt", "todt"))
        if (last - first).days >= 90:
            return "<html><title>Select a period of at most 90 days</title></html>"
        last = min(last, pd.Timestamp(self.through))
        lines = [HISTORY]
        for section, part in self.funds.groupby("section", sort=False):
            lines += ["", section]
            for house, rows in part[part["house"].eq(query.get("mf", "")) | ("mf" not in query)].groupby(
                "house"
            ):
                lines += ["", HOUSES[house], ""]
                for row in rows.itertuples():
                    name = f"{row.base} - {row.plan} - {row.option}"
                    for day, nav in self.navs[row.code][first:last].items():
                        lines.append(f"{row.code};{name};{row.isin};;{nav:.4f};;;{day:%d-%b-%Y}")
        return "\r\n".join(lines) + "\r\n"

    def master(self):
        """The scheme master; one line has a minimum in words."""
        head = "AMC,Code,Scheme Name,Scheme Type,Scheme Category,Scheme NAV Name,Scheme Minimum Amount,"
        lines = [head + "Launch Date, Closure Date,ISIN Div Payout/ ISIN GrowthISIN Div Reinvestment"]
        for row in self.funds.itertuples():
            name = f"{row.base} - {row.plan} - {row.option}"
            closed = "30-Apr-2026" if row.code in self.gone else ""
            lines.append(
                f'{HOUSES[row.house]},{row.code},{row.base},Open Ended,x,"{name}","Rs. 5,000/- and above",'
                f"02-Jan-2013,{closed},{row.isin}"
            )
        return "\r\n".join(lines) + "\r\n"

    def expenses(self, query):
        """Expense ratios of a month in pages of two schemes."""
        bases = list(dict.fromkeys(self.funds["base"]))
        month = pd.to_datetime(query["Month"], format="%m-%Y")
        page = int(query.get("page", 1))
        rows = [
            {
                "Scheme_Name": base,
                "NSDLSchemeCode": "X",
                "TER_Date": f"{month:%Y-%m-%d}T00:00:00.000Z",
                "R_TER": "1.8000",
                "D_TER": "0.9500" if base != bases[0] else "-",
            }
            for base in bases[2 * page - 2 : 2 * page]
        ]
        return json.dumps({"data": rows, "meta": {"page": page, "pageCount": -(-len(bases) // 2)}})

    def assets(self, query):
        """Years, quarters of a year, or average assets of a quarter in lakh."""
        if "periodId" in query:
            schemes = [
                {
                    "AMFI_Code": int(code),
                    "AverageAumForTheMonth": {"ExcludingFundOfFunds": 250.5, "FundOfFunds": 0},
                }
                for code in self.funds["code"]
            ]
            return json.dumps(
                {"data": [{"Mfname": "x", "schemes": schemes}], "selectedPeriod": query["periodId"]}
            )
        if "fyId" in query:
            quarters = [{"id": 1, "period": "April - June 2026"}, {"id": 2, "period": "January - March 2026"}]
            return json.dumps({"type": "periods", "data": {"periods": quarters}})
        years = [{"id": 1, "financial_year": "April 2026 - March 2027"}]
        return json.dumps({"data": [*years, {"id": 2, "financial_year": "April 2025 - March 2026"}]})
