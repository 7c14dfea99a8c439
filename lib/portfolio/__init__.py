"""Position files, valuation, exposures and snapshots."""
