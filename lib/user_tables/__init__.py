"""Tables that people hand in as CSV or Parquet: read whole, every wrong cell refused by line."""
