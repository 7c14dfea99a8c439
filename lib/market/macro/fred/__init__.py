"""Indicators from FRED and ALFRED, the data bases of the Federal Reserve Bank of St. Louis."""
