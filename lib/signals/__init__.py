"""Signals: whether what was known of firms foretold their returns, and how sure that is."""
