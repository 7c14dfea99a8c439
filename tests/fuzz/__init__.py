"""Inputs that nobody should hand in, made by the thousand from a seed, and what must hold for each."""
