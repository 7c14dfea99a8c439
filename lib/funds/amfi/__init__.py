"""Funds from the files that the Association of Mutual Funds in India publishes."""
