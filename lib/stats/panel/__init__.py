"""Regressions of panels: observations of many entities over many periods, in long form."""
