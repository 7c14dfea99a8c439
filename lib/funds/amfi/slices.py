"""The raw tables from what the store holds up to a day: the same store and day give the same tables.

A NAV that was first seen in a list after one that should have had it was published late, and is known from
the day of that list. A history is downloaded later: where it contradicts a list that was seen before, its
figure is known from the day of the download. Names, houses and categories hold from the first list that
says them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.funds import identity, raw
from lib.funds.amfi.asking import ASSETS, ASSETS_LAG, DAILY, EXPENSES, HISTORY, MASTER
from lib.funds.amfi.store import Store
from lib.prepare_request import PrepareRequest

SOURCE = {"source": "amfi", "origin": "real"}
TEXTS = ("name", "house", "category")
SEEN = ("code", "name", "house", "category", "isin", "isin_reinvest", "plan", "option")
BACKDATED = "backdated"


def cut(store: Store, request: PrepareRequest) -> raw.Raw:
    """What is known at the end of the as-of day."""
    answer = raw.Raw()
    lists, history = _lists(store, request.as_of), _history(store, request.as_of)
    answer.add("raw_fund_navs", _navs(lists, history), **SOURCE)
    seen = _seen(lists, history, request.as_of)
    first = answer.frames["raw_fund_navs"][0].groupby("fund_id")["date"].min()
    masters = _masters(store, request.as_of)
    if len(seen):
        funds = _funds(seen, first, masters)
        answer.add("raw_funds", funds, **SOURCE)
        attributes = _attributes(seen, funds, bool(request.settings["backdate"]))
        answer.add("raw_fund_attributes", attributes, **SOURCE)
        answer.add("raw_fund_events", _events(seen, masters, set(funds["fund_id"])), **SOURCE)
        answer.add("raw_fund_facts", _minimum(masters, set(funds["fund_id"])), **SOURCE)
        _facts(answer, store, request.as_of, seen, set(funds["fund_id"]))
        if request.settings["backdate"]:
            answer.tell(
                BACKDATED, rows=len(funds), detail="first names, houses and categories taken since launch"
            )
    _log(answer, store, request.as_of)
    return answer


def _lists(store: Store, as_of: pd.Timestamp) -> pd.DataFrame:
    """The rows of every daily list up to the day, with ``day``, that of the list."""
    parts = [(item, pd.Timestamp(item.split("/")[-1])) for item in store.holds(f"{DAILY}/")]
    frames = [(store.table(item), day) for item, day in parts if day <= as_of]
    return _joined([frame.assign(day=day.as_unit("us")) for frame, day in frames if frame is not None])


def _history(store: Store, as_of: pd.Timestamp) -> pd.DataFrame:
    """The rows of every month of history, with ``day``, that of the download."""
    months = [item for item in store.holds(f"{HISTORY}/") if pd.Timestamp(item.split("/")[-1]) <= as_of]
    asked = [pd.Timestamp(store.items[item]["asked_at"]).normalize() for item in months]
    frames = zip(map(store.table, months), asked, strict=True)
    found = _joined(
        [frame.assign(day=day.as_unit("us")) for frame, day in frames if frame is not None and len(frame)]
    )
    return found[found["date"] <= as_of] if len(found) else found


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    empty = pd.DataFrame({name: pd.Series([], dtype="str") for name in SEEN}).assign(
        nav=pd.Series([], dtype="float64"),
        date=pd.Series([], dtype="datetime64[us]"),
        day=pd.Series([], dtype="datetime64[us]"),
    )
    return pd.concat(frames, ignore_index=True) if frames else empty


def _navs(lists: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    key = ["code", "date", "nav"]
    own = lists.sort_values("day", kind="stable").drop_duplicates(key)
    days = np.sort(lists["day"].unique())
    place = np.searchsorted(days, own["day"].to_numpy())
    before = pd.Series(
        np.append(np.datetime64("NaT", "us"), days[:-1])[place] if len(days) else own["day"], own.index
    )
    late = before.notna() & (own["date"] <= before)
    own = own.assign(known_at=own["date"].mask(late, own["day"]))
    older = history.drop_duplicates(key)
    told = own[["code", "date"]].drop_duplicates().assign(told=True)
    older = older.merge(own[key].assign(same=True), on=key, how="left").merge(
        told, on=["code", "date"], how="left"
    )
    older = older[older["same"].isna()]
    older = older.assign(known_at=older["date"].mask(older["told"].notna(), older["day"]))
    rows = pd.concat([own, older], ignore_index=True)[[*key, "known_at"]]
    return rows.rename(columns={"code": "fund_id"})


def _seen(lists: pd.DataFrame, history: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """A row for each list that names a code; of codes in no list, for the download of their history."""
    known = history[(history["day"] <= as_of) & ~history["code"].isin(lists["code"])]
    columns = [*SEEN, "day", "date"]
    lists = lists.assign(name=_full_names(lists))
    known = known.sort_values("date").drop_duplicates(["code", "day"], keep="last")[columns]
    found = pd.concat([lists[columns], known], ignore_index=True)
    return found.sort_values(["code", "day"], kind="stable").drop_duplicates(["code", "day"], keep="last")


def _full_names(lists: pd.DataFrame) -> pd.Series:
    """Names with plan and option in them, as lists wrote them before they had columns for both."""
    parts = lists[["plan", "option"]].fillna("").apply(lambda column: " - " + column)
    tail = (parts["plan"] + parts["option"]).str.replace(" - -", "").str.replace(r"( - )+$", "", regex=True)
    bare = identity.base_names(lists["name"]).eq(lists["name"])
    return (lists["name"] + tail.where(bare, "")).astype("str")


def _funds(seen: pd.DataFrame, first: pd.Series, masters: pd.DataFrame) -> pd.DataFrame:
    last = seen.drop_duplicates("code", keep="last").set_index("code")
    scheme = identity.schemes(last["house"], last["name"])
    plan = identity.with_regular(identity.plans(last["name"], last["plan"]), scheme)
    launched = masters.sort_values("day").drop_duplicates("code", keep="last").set_index("code")["launched"]
    listed = seen.groupby("code")["day"].min()
    born = first.reindex(last.index)
    return (
        pd.DataFrame(
            {
                "scheme": scheme,
                "isin": last["isin"],
                "isin_reinvest": last["isin_reinvest"],
                "plan": plan,
                "option": identity.options(last["name"], last["option"]),
                "currency": "INR",
                "inception_date": launched.reindex(last.index),
                "known_at": born.fillna(listed).where(born.fillna(listed) < listed, listed),
            }
        )
        .rename_axis("fund_id")
        .reset_index()
    )


def _attributes(seen: pd.DataFrame, funds: pd.DataFrame, backdate: bool) -> pd.DataFrame:
    """Each text from the first list in which it differs from the list before."""
    long = seen.melt(["code", "day"], TEXTS, "item", "value").dropna(subset=["value"])
    long = long.sort_values(["code", "item", "day"], kind="stable")
    group = long.groupby(["code", "item"])["value"]
    first = group.cumcount().eq(0)
    changed = long[first | long["value"].ne(group.shift())].rename(
        columns={"code": "fund_id", "day": "valid_from"}
    )
    if backdate:
        born = funds.set_index("fund_id")["known_at"].reindex(changed["fund_id"]).to_numpy()
        early = changed["valid_from"].where(~first.loc[changed.index], pd.Series(born, changed.index))
        changed = changed.assign(valid_from=early)
    return changed.assign(known_at=changed["valid_from"])


def _masters(store: Store, as_of: pd.Timestamp) -> pd.DataFrame:
    """Every scheme master up to the day; launches are facts of the past, so that the first one stands in."""
    items = store.holds(f"{MASTER}/")
    known = [item for item in items if pd.Timestamp(item.split("/")[-1]) <= as_of]
    frames = []
    for item in known or items[:1]:
        frame = store.table(item)
        if frame is not None:
            frame = frame.assign(day=pd.Timestamp(item.split("/")[-1]).as_unit("us"))
            frames.append(
                frame if known else frame.assign(closed=frame["closed"].where(frame["closed"] <= as_of))
            )
    columns = {"code": "str", "minimum": "float64", "launched": "M8[us]", "closed": "M8[us]", "day": "M8[us]"}
    none = pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in columns.items()})
    return pd.concat(frames, ignore_index=True) if frames else none


def _events(seen: pd.DataFrame, masters: pd.DataFrame, ids: set[str]) -> pd.DataFrame:
    told = masters.sort_values("day").rename(columns={"code": "fund_id"})
    told = told[told["fund_id"].isin(ids)]
    launched = told.dropna(subset=["launched"]).drop_duplicates("fund_id")
    launched = launched.assign(event="launched", date=launched["launched"], known_at=launched["launched"])
    closed = told.dropna(subset=["closed"]).drop_duplicates("fund_id")
    since = closed["closed"].where(closed["day"].eq(masters["day"].min()), closed["day"])
    closed = closed.assign(event="closed", date=closed["closed"], known_at=since)
    listed = seen.rename(columns={"code": "fund_id"})
    moved = identity.code_changes(listed.assign(nav_date=listed["date"])).assign(event="code_changed")
    closed = closed[~closed["fund_id"].isin(moved["fund_id"])]
    columns = ["fund_id", "event", "date", "known_at"]
    return pd.concat([launched[columns], closed[columns], moved[[*columns, "successor"]]], ignore_index=True)


def _minimum(masters: pd.DataFrame, ids: set[str]) -> pd.DataFrame:
    told = masters.dropna(subset=["minimum"]).sort_values("day").drop_duplicates(["code", "minimum"])
    told = told[told["code"].isin(ids)].rename(columns={"code": "fund_id", "minimum": "value"})
    return told.assign(item="minimum_investment", valid_from=told["day"], known_at=told["day"])[
        ["fund_id", "item", "value", "valid_from", "known_at"]
    ].drop_duplicates(["fund_id", "valid_from"])


def _facts(answer: raw.Raw, store: Store, as_of: pd.Timestamp, seen: pd.DataFrame, ids: set[str]) -> None:
    """Expense ratios by name and plan where they change, average assets by code."""
    months = [store.table(item) for item in store.holds(f"{EXPENSES}/")]
    found = [frame for frame in months if frame is not None]
    if found:
        ratios = pd.concat(found, ignore_index=True).dropna(subset=["ratio", "date"])
        matched, unmatched = _by_name(ratios[ratios["date"] <= as_of], seen)
        answer.add("raw_fund_facts", matched, **SOURCE)
        if unmatched:
            detail = f"{unmatched:,} schemes with an expense ratio have a name that no fund of the list has"
            answer.tell(
                "expense ratios by name", status="ok", rows=len(matched), skipped=unmatched, detail=detail
            )
    for item in store.holds(f"{ASSETS}/"):
        day = pd.Timestamp(item.split("/")[-1]).as_unit("us")
        frame = store.table(item) if day <= as_of else None
        if frame is not None:
            rows = frame[frame["code"].isin(ids)].rename(columns={"code": "fund_id", "assets": "value"})
            answer.add(
                "raw_fund_facts", rows, item="assets", valid_from=day, known_at=day + ASSETS_LAG, **SOURCE
            )


def _by_name(ratios: pd.DataFrame, seen: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Expense ratios of funds where they change; how many schemes found no fund."""
    last = seen.drop_duplicates("code", keep="last")
    scheme = identity.schemes(last["house"], last["name"])
    plan = identity.with_regular(identity.plans(last["name"], last["plan"]), scheme).replace(
        "none", "regular"
    )
    bare = pd.Series("", index=last.index, dtype="str")
    keys = pd.DataFrame({"fund_id": last["code"], "key": identity.schemes(bare, last["name"]), "plan": plan})
    blank = pd.Series("", index=ratios.index, dtype="str")
    ratios = ratios.assign(key=identity.schemes(blank, ratios["name"]))
    unmatched = ratios.loc[~ratios["key"].isin(keys["key"]), "key"].nunique()
    rows = ratios.merge(keys, on=["key", "plan"]).sort_values(["fund_id", "date"], kind="stable")
    rows = rows.drop_duplicates(["fund_id", "date"], keep="last")
    rows = rows[rows["ratio"].ne(rows.groupby("fund_id")["ratio"].shift())]
    rows = rows.rename(columns={"ratio": "value", "date": "valid_from"})[["fund_id", "value", "valid_from"]]
    return rows.assign(item="expense_ratio", known_at=rows["valid_from"]), int(unmatched)


def _log(answer: raw.Raw, store: Store, as_of: pd.Timestamp) -> None:
    """How each kind of ask ended last, and what is held of it up to the day."""
    for kind in (DAILY, MASTER, HISTORY, EXPENSES, ASSETS):
        held = [
            store.items[item] for item in store.holds(f"{kind}/") if kind == MASTER or _day(item) <= as_of
        ]
        entries = [one for name, one in store.items.items() if name == kind or name.startswith(f"{kind}/")]
        if not entries:
            continue
        asked = max(entries, key=lambda one: (one.get("asked_at", ""), one.get("status", "ok") != "ok"))
        status = asked.get("status", "ok")
        reach = [one["through"] for one in held if one.get("through")]
        answer.tell(
            kind,
            status=status if held or status != "ok" else "missing",
            rows=sum(one.get("rows", 0) for one in held),
            skipped=sum(one.get("skipped", 0) for one in held),
            last_date=pd.Timestamp(max(reach)) if reach else pd.NaT,
            detail=asked.get("detail") or None,
        )


def _day(item: str) -> pd.Timestamp:
    return pd.Timestamp(item.split("/")[-1])
