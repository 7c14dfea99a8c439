"""Funds from files of one's own."""
