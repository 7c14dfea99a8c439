"""Do results at a date rest on what was known by then? The audit of a stage against looking ahead."""
