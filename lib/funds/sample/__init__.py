"""The embedded sample of model funds."""
