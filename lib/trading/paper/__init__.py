"""The paper account: orders, matching, lots, cash and decisions, as one function of ledger and bars."""
