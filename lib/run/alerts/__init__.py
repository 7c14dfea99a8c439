"""Alerts: rules that are asked of a published run, what fired, and who was told."""
