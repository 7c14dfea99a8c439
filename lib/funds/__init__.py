"""Funds: who they are, how they did, and which to choose."""
