"""What every provider of funds answers: seven raw tables and a log, up to one day."""

from __future__ import annotations

from dataclasses import dataclass

from lib.raw_answer import RawAnswer

ORDER = {
    "raw_funds": ["fund_id"],
    "raw_fund_attributes": ["fund_id", "item", "valid_from"],
    "raw_fund_facts": ["fund_id", "item", "valid_from"],
    "raw_fund_navs": ["fund_id", "date"],
    "raw_fund_holdings": ["fund_id", "holding_date"],
    "raw_benchmark_levels": ["benchmark", "date"],
    "raw_fund_events": ["fund_id", "date"],
}
LOG = "raw_fund_log"
TABLE_NAMES = (*ORDER, LOG)


@dataclass
class Raw(RawAnswer):
    """Frames by the name of their table, as a provider of funds found them."""

    ORDER = ORDER
    LOG = LOG
