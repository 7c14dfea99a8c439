"""Indicators of the economy: where they come from, and which figures stand."""
