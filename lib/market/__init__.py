"""Where market data comes from: providers, calendar, quality checks, the embedded sample."""
