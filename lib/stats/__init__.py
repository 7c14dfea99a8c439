"""Returns, moments, performance and tail measures: pure functions used by every chapter."""
