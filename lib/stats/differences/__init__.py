"""Differences in differences: what a treatment did to those who took it up, by those who had not yet."""
