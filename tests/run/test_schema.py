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


LIMITED = """\
window: int = 252  # trading days, returns used, 20 ≤ x <= 5000
minimum: int = 9  # returns, 2 ≤ x ≤ window
decay: float = 0.94  # weight, 0 < x ≤ 1
floor: float | None = None  # money, 0 ≤ x
engine: str = "closed"  # one of closed | mibian
moves: list[float] = [-0.1, 0.1]  # of the market, each -1 ≤ x ≤ 5
views: dict[str, str] = {"a": "longs"}  # by name, each one of longs | shorts
free: float = 1.0  # anything
"""


def outside(**given):
    """(setting, place, found, mend) of everything that is outside its limits."""
    cell = parameter_cell.read_parameters(LIMITED, "cell")
    values = {one.name: given.get(one.name, one.default) for one in cell}
    return [(one.name, one.place, one.found, one.mend) for one in parameter_cell.breaches(cell, values)]


def test_limits_stand_apart_from_the_meaning():
    found = {p.name: p for p in parameter_cell.read_parameters(LIMITED, "cell")}
    assert (found["window"].help, found["window"].limits) == ("trading days, returns used", "20 ≤ x <= 5000")
    assert (found["engine"].help, found["engine"].limits) == ("", "one of closed | mibian")
    assert (found["free"].help, found["free"].limits) == ("anything", "")
    assert outside() == []


@pytest.mark.parametrize(
    ("name", "value", "place", "found", "mend"),
    [
        ("window", 19, (), 19, "give a whole number with 20 <= x <= 5000 (trading days, returns used)"),
        ("decay", 0.0, (), 0.0, "give a number with 0 < x <= 1 (weight)"),
        ("decay", float("nan"), (), float("nan"), "give a finite number with 0 < x <= 1 (weight)"),
        ("floor", -0.01, (), -0.01, "give a number with 0 <= x (money)"),
        ("floor", float("inf"), (), float("inf"), "give a finite number with 0 <= x (money)"),
        ("free", float("-inf"), (), float("-inf"), "give a finite number (anything)"),
        ("engine", "mibain", (), "mibain", "did you mean `mibian`? one of closed | mibian"),
        ("engine", "xyz", (), "xyz", "one of closed | mibian"),
        ("moves", [0.1, -1.5], (1,), -1.5, "give a number with -1 <= x <= 5 (of the market)"),
        ("views", {"a": "long"}, ("a",), "long", "did you mean `longs`? one of longs | shorts (by name)"),
        ("minimum", 300, (), 300, "give a whole number with 2 <= x <= window, where window is 252 (returns)"),
    ],
)  # fmt: skip
def test_what_is_outside_its_limits_is_told_with_its_place_and_the_mend(name, value, place, found, mend):
    assert repr(outside(**{name: value})) == repr([(name, place, found, mend)])


@pytest.mark.parametrize(
    ("name", "value"),
    [("window", 20), ("window", 5000), ("decay", 1.0), ("floor", None), ("floor", 0.0), ("moves", []),
     ("moves", [-1.0, 5.0]), ("minimum", 252), ("views", {}), ("free", -1e300)],
)  # fmt: skip
def test_the_ends_of_a_range_belong_to_it_as_written_and_none_where_the_type_has_it(name, value):
    assert outside(**{name: value}) == []


def test_a_whole_number_too_long_for_a_float_is_of_another_type():
    decay = next(p for p in parameter_cell.read_parameters(LIMITED, "cell") if p.name == "decay")
    with pytest.raises(TypeError, match="expected float"):
        decay.fits(10**400)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("x: int = 5  # days, 0 < x", None),
        ("x: int = 0  # days, 0 < x", "the default 0 is outside its limits"),
        ("x: int = 5  # days, 0 < y", "is no range"),
        ("x: int = 5  # days, 9 > x", "does not end in its limits"),
        ("x: int = 5  # 0 < x < 9 days", "is no range"),
        ("x: int = 5  # 0 < x < 9, in days", "does not end in its limits"),
        ("x: int = 5  # days, 0 < x < 9 < 10", "is no range"),
        ("x: int = 5  # days, 0 < x < True", "is no range"),
        ("x: int = 5  # days, 0 < x < other", "its bound other is no number of the cell"),
        ("x: int = 5  # days, 0 < x < f(1)", "is no range"),
        ("x: str = 'a'  # which, 0 < x", "a range of numbers, and the type is str"),
        ("x: int = 5  # which, one of 5 | 6", "a choice of texts, and the type is int"),
        ("x: str = 'a'  # one of a", "is no choice"),
        ("x: str = 'a'  # one of a | a", "is no choice"),
        ("x: str = 'a'  # either a | b", "does not end in its limits"),
        ("x: str = 'c'  # which, one of a | b", "the default 'c' is outside its limits"),
        ("x: list[int] = [1]  # days, 0 < x", "write `each`"),
        ("x: int = 1  # days, each 0 < x", "write `each`"),
        ("x: list[int] = [1]  # days, each 0 < x", None),
        ("x: dict[str, float] = {'a': 2.0}  # by name, each 0 < x ≤ 1", "the default 2.0 is outside"),
        ("x: float | None = None  # money, 0 < x", None),
    ],
)
def test_limits_that_cannot_be_read_or_kept_are_the_mistake_of_the_notebook(line, words):
    if words is None:
        assert parameter_cell.read_parameters(line, "cell")
        return
    with pytest.raises(GraphError) as fault:
        parameter_cell.read_parameters(line, "cell")
    assert words in str(fault.value)


@pytest.mark.parametrize(
    "line", ["x = 3", "x: int = 2 + y", "import os", "x: int", "x: int = 'a'", "x: int = ("]
)
def test_other_lines_are_refused(line):
    with pytest.raises(GraphError):
        parameter_cell.read_parameters(line, "cell")
