"""Data of signals from files of one's own."""
