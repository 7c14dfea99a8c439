"""Paths with bands: what is drawn is what was handed in."""

import pandas as pd

from lib import figures


def test_paths_are_drawn_with_a_band_for_each_that_has_one_and_named_at_their_end():
    middle = pd.DataFrame({"High": [0.0, 0.02], "All": [0.0, 0.01]}, index=pd.Index([-1.0, 0.0], name="day"))
    low, high = middle[["High"]] - 0.01, middle[["High"]] + 0.01
    axes = figures.paths_with_bands(middle, low, high).axes[0]
    assert axes.lines[0].get_ydata().tolist() == [0.0, 0.02]
    corners = axes.collections[0].get_paths()[0].vertices
    assert len(axes.collections) == 1 and corners[:, 1].min() == -0.01 and corners[:, 1].max() == 0.03
    assert {text.get_text() for text in axes.texts} == {"High", "All"}
    assert axes.get_xlabel() == "day"
