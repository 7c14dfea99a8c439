"""Whether a stage's results at a date rest on what was known by then: the look-ahead and the warm-up audit."""
