"""Market data from files of one's own."""
