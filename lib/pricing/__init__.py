"""Option prices, Greeks and revaluation: pure functions that every chapter uses."""
