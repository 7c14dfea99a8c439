"""The parameter cell as schema, and that papermill sees the same names."""

from __future__ import annotations

import pytest

from lib.errors import GraphError
from lib.run.request import parameter_cell

CELL = """\
as_of: str = "2022-12-28"  # day, ISO
window: int = 252  # trading days
equity: float | None = None  # money; none = use the book
colour: str = "#ff0000"  # of the line
factors: dict[str, str] = {"market": "SP500"}  # factor = proxy
levels: list[float] = [0.95, 0.99]  # shares of one
strict: bool = False  # stop on warnings
"""


def test_names_types_defaults_and_help_are_read():
    found = {p.name: p for p in parameter_cell.read_parameters(CELL, "cell")}
    assert list(found) == ["as_of", "window", "equity", "colour", "factors", "levels", "strict"]
    assert found["colour"].default == "#ff0000"
    assert found["equity"].default is None
    assert found["equity"].help == "money; none = use the book"
    assert found["factors"].default == {"market": "SP500"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("window", 2.5),
        ("window", True),
        ("window", "60"),
        ("equity", "x"),
        ("levels", [1, "a"]),
        ("levels", 0.95),
        ("factors", {"market": 1}),
        ("factors", {1: "x"}),
        ("strict", 1),
        ("as_of", None),
    ],
)
def test_a_value_of_another_type_is_refused(name, value):
    parameter = next(p for p in parameter_cell.read_parameters(CELL, "cell") if p.name == name)
    with pytest.raises(TypeError, match="expected"):
        parameter.fits(value)


def test_whole_numbers_serve_where_floats_are_declared():
    found = {p.name: p for p in parameter_cell.read_parameters(CELL, "cell")}
    assert found["equity"].fits(5) == 5.0
    assert isinstance(found["equity"].fits(5), float)
    assert found["levels"].fits([1, 0.5]) == [1.0, 0.5]


@pytest.mark.parametrize(
    "line", ["x = 3", "x: int = 2 + y", "import os", "x: int", "x: int = 'a'", "x: int = ("]
)
def test_other_lines_are_refused(line):
    with pytest.raises(GraphError):
        parameter_cell.read_parameters(line, "cell")
