"""Tables and figures stand by themselves, say where they come from, and show data as text only."""

from __future__ import annotations

import base64
import re

import numpy as np
import pages_fixtures as made
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from lib import figures
from lib.errors import StageError
from lib.exhibits import figure_exhibit, links_exhibit, markdown, source_of, table_exhibit
from lib.tables.columns import fraction, money, ratio, text


def parsed(exhibit) -> BeautifulSoup:
    return BeautifulSoup(exhibit._repr_mimebundle_()["text/html"], "html.parser")


def texts(page: BeautifulSoup, selector: str) -> list[str]:
    return [one.get_text(" ", strip=True) for one in page.select(selector)]


def small(**columns) -> pd.DataFrame:
    return pd.DataFrame(columns)


def test_a_source_links_to_the_file_and_to_the_page_of_its_subject():
    source = source_of("positions", 34, ["real"], "portfolio/positions", {"subject": "individual"})
    assert source.parquet == "../../tables/portfolio=individual/positions.parquet"
    assert source.page == "../../pages/portfolio/positions.individual.html#table-positions"


def test_a_source_of_the_whole_run_has_no_subject_in_its_links():
    source = source_of("prices", 9, ["real"], "market/prices", {"subject": "individual"})
    assert source.parquet == "../../tables/prices.parquet"
    assert source.page == "../../pages/market/prices.html#table-prices"


def test_rows_of_every_subject_are_no_one_file():
    source = source_of("positions", 68, ["real"], "portfolio/positions", {"subject": None})
    page = parsed(table_exhibit(small(a=[1]), title="T", source=source))
    assert (source.parquet, source.page) == (None, None)
    assert "68 rows \u00b7 of every one, from portfolio/positions" in page.select_one(".source").text


def test_a_table_of_the_provider_is_an_input_without_a_page():
    source = source_of("raw_prices", 9, ["real"], "prepare", {"subject": None})
    assert source.parquet == "../../inputs/market/raw_prices.parquet"
    assert source.page is None


def test_the_source_line_names_every_origin_but_real():
    source = source_of(
        "positions", 1, ["real", "constructed", "generated"], "portfolio/positions", {"subject": "a"}
    )
    page = parsed(table_exhibit(small(a=[1]), title="T", source=source))
    assert texts(page, ".badge") == ["constructed", "generated"]
    assert "1 row" in page.select_one(".source").text


def test_units_stand_in_the_header_and_numbers_are_right_aligned():
    frame = small(weight=[0.123, -0.05], cost=[0.0012, 0.0], paid=[1234.5, 12.0])
    page = parsed(
        table_exhibit(frame, title="T", formats={"weight": "percent", "cost": "bp", "paid": "money"})
    )
    assert texts(page, "th") == ["Weight %", "Cost bp", "Paid"]
    assert texts(page, "tbody td") == ["12.3", "12", "1,234", "\u22125.0", "0", "12"]
    assert all("n" in cell["class"] for cell in page.select("td"))


def test_formats_are_guessed_from_the_type_of_a_column():
    frame = small(n=[1200], x=[2.5], whole=[3.0], day=[pd.Timestamp("2022-12-28")], yes=[True], word=["a"])
    page = parsed(table_exhibit(frame, title="T"))
    assert texts(page, "tbody td") == ["1,200", "2.50", "3", "28 Dec 2022", "True", "a"]


def test_a_missing_value_says_why():
    frame = small(price=[1.0, np.nan, np.nan], flags=["", "stale", None])
    by_row = parsed(table_exhibit(frame, title="T", columns=["price"], missing={"price": "flags"}))
    assert texts(by_row, ".na") == ["n/a (stale)", "n/a"]
    by_column = parsed(table_exhibit(frame, title="T", columns=["price"], missing={"price": "not traded"}))
    assert texts(by_column, ".na") == ["n/a (not traded)"] * 2


def test_ten_rows_are_shown_and_the_rest_is_one_click_away_without_a_script():
    page = parsed(table_exhibit(small(a=range(34)), title="T"))
    assert len(page.select("figure > .wide tbody tr")) == 10
    assert page.select_one("summary").text == "24 more rows"
    assert len(page.select("details tbody tr")) == 24


def test_very_long_tables_are_cut_and_say_so():
    page = parsed(table_exhibit(small(a=range(2000)), title="T", most=500))
    assert len(page.select("tbody tr")) == 500
    assert "first 500 of 2,000 rows" in page.select_one(".source").text


def test_totals_are_set_apart_and_a_table_without_rows_says_so():
    page = parsed(table_exhibit(small(name=["a"], x=[2.0]), title="T", total={"x": 2.0}))
    assert texts(page, "tfoot td") == ["Total", "2"]
    assert "No rows." in parsed(table_exhibit(small(a=[]), title="T")).text


def test_bars_share_one_scale_and_have_a_zero_line_where_signs_differ():
    page = parsed(table_exhibit(small(x=[10.0, -5.0, np.nan]), title="T", bars=["x"]))
    pictures = [one["src"] for one in page.select("img.bar")]
    assert len(pictures) == 2
    widths = [float(re.search(r"width='([\d.]+)' height='8'", one).group(1)) for one in pictures]
    assert widths[0] == pytest.approx(2 * widths[1])
    assert all("path" in one for one in pictures)
    assert all(one["alt"] == "" for one in page.select("img.bar"))


@pytest.mark.parametrize(
    "attack", [made.ATTACK, "</table><script>x()</script>", "a\u202eb", '" onmouseover="x']
)
def test_data_show_as_text_wherever_they_stand(attack):
    frame = pd.DataFrame({attack: [attack], "x": [np.nan]})
    source = source_of("positions", 1, [attack], "portfolio/positions", {"subject": attack})
    page = parsed(
        table_exhibit(
            frame,
            title=attack,
            reading=attack,
            source=source,
            labels={"x": attack},
            units={"x": attack},
            missing={"x": attack},
            total={"x": attack},
            sort_note=attack,
        )
    )
    assert not page.select("script, img")
    assert not [name for one in page.find_all(True) for name in one.attrs if name.startswith("on")]
    assert attack.replace("\u202e", "") in page.select_one("tbody td").text


def test_wrong_columns_and_formats_are_named():
    with pytest.raises(StageError, match="no column 'b'"):
        table_exhibit(small(a=[1]), title="T", columns=["b"])
    with pytest.raises(StageError, match="no format 'euro'"):
        table_exhibit(small(a=[1]), title="T", formats={"a": "euro"})


def test_a_figure_is_described_by_its_reading_unless_it_says_more():
    told = [
        figure_exhibit(figures.diverging_bars(["a"], [1.0]), title="T", reading="R", alt=alt).html
        for alt in ("", "A")
    ]
    assert 'alt="R"' in told[0] and 'alt="A"' in told[1]
    with pytest.raises(StageError, match="alt text"):
        figure_exhibit(figures.diverging_bars(["a"], [1.0]), title="T", reading="", alt=" ")


def test_a_table_reads_as_its_columns_are_declared():
    frame = small(share=[0.123, None], beta=[1.0, 2.0], left=[0.5, 0.5])
    schema = (fraction("share", label="Share of nav", absent="no price"), ratio("beta"), money("left"))
    page = table_exhibit(frame, title="T", declared=schema).html
    assert "Share of nav" in page and "12.3" in page and "n/a (no price)" in page and ">1.00<" in page
    own = table_exhibit(
        frame, title="T", declared=schema, columns=["beta", money("share", label="Money")]
    ).html
    assert "Money" in own and "0.12" in own and own.index("Beta") < own.index("Money") and "Left" not in own
    said = table_exhibit(
        frame, title="T", declared=schema, labels={"share": "Part"}, formats={"beta": "percent"}
    ).html
    assert "Part" in said and "100.0" in said


def test_words_that_stand_for_declared_numbers_stay_words():
    page = table_exhibit(small(value=["USD 5"]), title="T", declared=(money("value"),)).html
    assert "USD 5" in page


def drawn(exhibit) -> tuple[str, bytes]:
    kind, data = re.search(r'src="data:image/([^;]+);base64,([^"]+)"', exhibit.html).groups()
    return kind, base64.b64decode(data)


FIGURES = {
    "bars": lambda: figures.diverging_bars(["a", "b", "c"], [0.1, -0.2, float("nan")]),
    "line": lambda: figures.line(pd.DataFrame({"a": made.returns(), "b": 0.0})),
    "area": lambda: figures.area_below_zero(made.returns().cumsum().clip(upper=0)),
    "histogram": lambda: figures.histogram_with_marks(made.returns(), {"VaR": -0.01, "Mean": 0.001}),
    "heat": lambda: figures.heat_map(square(4), limits=(-1, 1)),
    "dots": lambda: figures.dots_with_intervals(["a", "b"], [0.9, np.nan], [0.7, np.nan], [1.1, np.nan]),
    "curve": lambda: figures.specification_curve([0.1, 0.2], [0.0, 0.1], [0.2, 0.3], {"a": [True, False]}),
    "payoff": lambda: figures.payoff([-0.1, 0.0, 0.1], {"a": [-9.0, 0.0, 4.0], "b": [-8.0, 0.0, 8.0]}),
}


def square(size: int) -> pd.DataFrame:
    names = [f"S{n}" for n in range(size)]
    distance = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
    return pd.DataFrame(0.5**distance, index=names, columns=names)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_gives_the_same_bytes_each_time_and_follows_the_readers_scheme(name):
    first, second = (figure_exhibit(FIGURES[name](), title="T", reading="R", alt="A") for _ in range(2))
    assert first.html == second.html
    kind, data = drawn(first)
    assert kind == "svg+xml"
    assert b"prefers-color-scheme:dark" in data
    assert b"<dc:date>" not in data
    assert b"<script" not in data


def written(figure) -> list[str]:
    return [one.get_text() for one in figure.axes[0].texts]


def test_a_small_heat_map_writes_its_numbers_and_a_large_one_has_a_scale():
    small_one, large_one = figures.heat_map(square(12)), figures.heat_map(square(13))
    assert len(written(small_one)) == 144
    assert len(small_one.axes) == 1
    assert written(large_one) == []
    assert len(large_one.axes) == 2


def test_a_heat_map_is_centred_on_zero_whatever_the_numbers():
    picture = figures.heat_map(square(3), limits=(-0.2, 0.8)).axes[0].images[0]
    assert picture.get_clim() == (-0.8, 0.8)
    assert figures.heat_map(square(3) * 0.4).axes[0].images[0].get_clim() == (-0.4, 0.4)


def test_a_heat_map_keeps_the_order_and_leaves_missing_cells_without_a_number():
    frame = square(3).iloc[::-1]
    frame.iloc[0, 1] = np.nan
    drawn_map = figures.heat_map(frame)
    assert [one.get_text() for one in drawn_map.axes[0].get_yticklabels()] == ["S2", "S1", "S0"]
    assert len(written(drawn_map)) == 8
    assert "nan" not in "".join(written(drawn_map))


def test_a_heat_map_of_nothing_says_so():
    assert [text.get_text() for text in figures.heat_map(square(0)).axes[0].texts] == ["nothing to compare"]


def test_a_heat_map_of_many_names_writes_only_some():
    assert len(figures.heat_map(square(100)).axes[0].get_yticklabels()) <= 30


def test_a_wide_heat_map_is_as_wide_as_a_page_and_as_high_as_its_rows():
    few = square(12).iloc[:2]
    assert figures.heat_map(few, wide=True).get_size_inches().tolist() == [7.5, 0.8 + 0.52 * 2]
    assert len(written(figures.heat_map(few, wide=True))) == 24


def test_a_line_keeps_the_ends_that_it_is_given_and_marks_only_whole_numbers_where_asked():
    days = pd.bdate_range("2022-01-03", periods=3)
    axes = figures.line(pd.Series([0.97, 0.99, 1.0], days), unit="percent", limits=(0.95, 1.0)).axes[0]
    assert axes.get_yticks() == pytest.approx(np.linspace(0.95, 1.0, 6))
    assert axes.get_ylim() == pytest.approx((0.95, 1.001))
    counted = figures.line(pd.Series([1.0, 2.0, 2.0], days), unit="symbols", whole=True).axes[0]
    assert all(tick == round(tick) for tick in counted.get_yticks())
    free = figures.line(pd.Series([1.0, 2.0, 2.0], days), unit="symbols").axes[0]
    assert any(tick != round(tick) for tick in free.get_yticks())


def test_a_curve_is_in_order_and_marks_the_choices_of_each_estimate():
    values, low, high = [0.3, np.nan, -0.1, 0.1], [0.2, np.nan, -0.3, -0.1], [0.4, np.nan, 0.1, 0.3]
    choices = {"early": [True, True, False, False], "late": [False, False, True, True]}
    above, below = figures.specification_curve(values, low, high, choices, marked=0).axes
    dots, ring = above.collections[1], above.collections[2]
    assert dots.get_offsets()[:, 1].tolist() == [-0.1, 0.1, 0.3]
    assert ring.get_offsets().tolist() == [[2.0, 0.3]]
    assert [part.get_offsets()[:, 0].tolist() for part in below.collections] == [[2.0], [0.0, 1.0]]
    assert [label.get_text() for label in below.get_yticklabels()] == ["early", "late"]
    nothing = figures.specification_curve([], [], [], {"early": []})
    assert nothing.axes[0].collections[1].get_offsets().size == 0


def test_a_histogram_says_what_it_counts():
    draws = figures.histogram_with_marks(made.returns(), {}, counted="Draws")
    assert draws.axes[0].get_ylabel() == "Draws"
    assert figures.histogram_with_marks(made.returns(), {}).axes[0].get_ylabel() == "Days"


def test_estimates_are_sorted_and_grey_where_zero_is_inside():
    figure = figures.dots_with_intervals(
        ["low", "no", "high", "near"],
        [-0.5, np.nan, 0.9, 0.1],
        [-0.6, np.nan, 0.8, -0.1],
        [-0.4, np.nan, 1.0, 0.3],
    )
    assert [one.get_text() for one in figure.axes[0].get_yticklabels()] == ["no", "low", "near", "high"]
    assert written(figure) == ["n/a", "\u22120.50", "0.10", "0.90"]
    lines = [np.asarray(line) for line in figure.axes[0].collections[0].get_segments()]
    assert [line[:, 0].tolist() for line in lines if line.size] == [[-0.6, -0.4], [-0.1, 0.3], [0.8, 1.0]]
    from matplotlib.colors import to_hex

    colours = [to_hex(one) for one in figure.axes[0].collections[1].get_facecolors()]
    assert colours[1:] == [figures.VERMILION, figures.GREY, figures.BLUE]


def test_a_payoff_has_a_zero_line_and_its_marks_and_sorts_the_moves():
    figure = figures.payoff([0.1, -0.1, 0.0], {"book": [4.0, -9.0, 0.0]}, marks={"today": 0.0})
    lines = figure.axes[0].get_lines()
    assert list(lines[1].get_xdata()) == [-0.1, 0.0, 0.1]
    assert list(lines[1].get_ydata()) == [-9.0, 0.0, 4.0]
    assert "today" in written(figure)


def test_a_heavy_figure_becomes_a_png_at_twice_the_size():
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4, 3))
    figure.add_subplot().scatter(*np.random.default_rng(0).normal(size=(2, 4000)))
    kind, data = drawn(figure_exhibit(figure, title="T", reading="R", alt="A"))
    assert kind == "png"
    assert b"Software" not in data
    assert int.from_bytes(data[16:20]) == 2 * 4 * 96


def test_a_figure_of_pyplot_is_closed():
    from matplotlib import pyplot

    figure, _ = pyplot.subplots()
    figure_exhibit(figure, title="T", reading="R", alt="A")
    assert not pyplot.fignum_exists(figure.number)


def test_the_number_of_observations_stands_under_the_figure():
    page = parsed(figure_exhibit(FIGURES["bars"](), title="T", reading="R", alt="A", observations=1041))
    assert "1,041 observations" in page.select_one(".source").text


def test_consoles_get_text():
    text = table_exhibit(small(a=range(12)), title="Title", reading="Reads so.")._repr_mimebundle_()[
        "text/plain"
    ]
    assert text.startswith("Title\n")
    assert "2 more rows" in text


def test_links_lead_to_the_exports_of_the_run_and_survive_the_cleaning():
    from lib.run.pages import sanitise

    exhibit = links_exhibit({"a_report_2022-12-28.md": "for <b>mail</b>"}, title="Files")
    page = BeautifulSoup(sanitise.clean(exhibit.html), "html.parser")
    assert [one["href"] for one in page.select("a")] == ["../../exports/a_report_2022-12-28.md"]
    assert "for <b>mail</b>" in page.li.text


@pytest.mark.parametrize("name", ["../a.md", "javascript:x.md", "a/b.md", "a b.md", "", 'a".md', "a.MD"])
def test_what_is_no_name_of_an_export_gets_no_link(name):
    with pytest.raises(StageError, match="no name of an export"):
        links_exhibit({name: "x"}, title="Files")


def test_markdown_has_the_labels_units_and_numbers_of_the_page_and_charts_by_their_sentences():
    frame = pd.DataFrame({"item": ["a|b", "c"], "share": [0.123, None], "why": ["", "no base"]})
    columns = (text("item", label="Kind"), fraction("share", label="Part", absent="why"))
    table = {"frame": frame, "columns": columns, "title": "Parts", "reading": "One is known."}
    shown = markdown("A *book*", {"Held": [table, {"title": "Line", "reading": "Up."}, "a point"]})
    assert shown == (
        "# A \\*book\\*\n\n## Held\n\n### Parts\n\nOne is known.\n\n| Kind | Part, % |\n| --- | --- |\n"
        "| a\\|b | 12.3 |\n| c | n/a (no base) |\n\n### Line\n\nUp.\n\n- a point\n"
    )
    empty = markdown("A", {"Held": [table | {"frame": frame.head(0)}]}, lead="First.")
    assert empty == "# A\n\nFirst.\n\n## Held\n\n### Parts\n\nOne is known.\n\nNo rows.\n"
