"""Returns, performance, drawdowns, tails and tests of them: pure functions, many series at once."""
