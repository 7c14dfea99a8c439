"""What is taken out of an executed notebook, and that nothing else is."""

import json
import sys

import nbformat
import pytest

from lib.run.kernels.normalise import INJECTED, ROOT, WIDGET_VIEW, dump, normalise, scrubber


def notebook(*outputs, metadata=None, source="1", tags=()):
    cell = nbformat.v4.new_code_cell(source, id="cell-1", outputs=list(outputs))
    cell.metadata.update({"tags": list(tags), "papermill": {"status": "completed"}, "execution": {"t": "1"}})
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Title", id="title"), cell])
    book.metadata.update({"papermill": {"duration": 1.5}, "widgets": {}, **(metadata or {})})
    return book


def stream(text, name="stdout"):
    return nbformat.v4.new_output("stream", name=name, text=text)


def display(**data):
    kinds = {"plain": "text/plain", "html": "text/html", "png": "image/png", "widget": WIDGET_VIEW}
    return nbformat.v4.new_output("display_data", {kinds[name]: value for name, value in data.items()})


def outputs_of(*outputs, private=()):
    return normalise(notebook(*outputs), scrubber(private))["cells"][1]["outputs"]


def test_times_widgets_and_the_random_id_go_and_the_rest_stays():
    plain = normalise(notebook(tags=[INJECTED], metadata={"kernelspec": {"name": "python3"}}), scrubber())
    assert set(plain["metadata"]) == {"kernelspec", "language_info"}
    assert "version" not in plain["metadata"]["language_info"]
    assert plain["cells"][1]["id"] == INJECTED
    assert plain["cells"][1]["metadata"] == {"tags": [INJECTED]}
    assert normalise(notebook(), scrubber())["cells"][1]["metadata"] == {}
    assert plain["cells"][0]["source"] == "# Title" and "outputs" not in plain["cells"][0]


def test_streams_between_two_displays_become_one_each():
    pieces = [stream("a"), stream("x", "stderr"), stream("b\n"), display(plain="1"), stream("c")]
    found = [(o.get("name"), o.get("text")) for o in outputs_of(*pieces)]
    assert found == [("stdout", "ab\n"), ("stderr", "x"), (None, None), ("stdout", "c")]


def test_a_carriage_return_starts_the_line_again():
    assert outputs_of(stream("10 %\r90 %\r"), stream("100 %\nnext\r\nlast"))[0]["text"] == "100 %\nnext\nlast"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("<object object at 0x7f2aB3c4d5e6>", "<object object>"),
        ("/tmp/ipykernel_123/99887766.py:3: UserWarning", "<cell>:3: UserWarning"),
        ('File "/tmp/a b/ipykernel_1/2.py", line 1', 'File "/tmp/a <cell>", line 1'),
        (f"{ROOT}/lib/errors.py:4: UserWarning", "lib/errors.py:4: UserWarning"),
        (f"in '{ROOT}'", "in '.'"),
        (f"{ROOT}-other/x", f"{ROOT}-other/x"),
        (f"{sys.prefix}/bin/python", "bin/python"),
        ("/private/run/out.csv", "out.csv"),
        ("invalid syntax (1102136943.py, line 1)", "invalid syntax (line 1)"),
        ("x looks at 0x10 and 0xdeadbeef", "x looks at 0x10 and 0xdeadbeef"),
    ],
)
def test_numbers_of_this_moment_and_paths_of_this_machine_go_from_texts(text, kept):
    assert outputs_of(stream(text), private=["/private/run"])[0]["text"] == kept


def test_pictures_and_numbers_are_not_touched_and_a_widget_view_is():
    found = outputs_of(display(png="aGVsbG8=", plain="0.1234567890123456789", widget={"model_id": "1"}))
    assert found[0]["data"] == {"image/png": "aGVsbG8=", "text/plain": "0.1234567890123456789"}


def test_a_huge_value_is_cut_with_a_sentence():
    text = outputs_of(display(plain="a" * 1_000_010))[0]["data"]["text/plain"]
    assert text.endswith("\n[10 further characters are left out]") and len(text) < 1_000_100


def test_a_dump_is_a_valid_notebook_with_lines_and_equal_for_equal_content():
    plain = normalise(
        notebook(stream("a\nb"), display(plain="1", html="<p>\n</p>"), source="x\ny"), scrubber()
    )
    again = json.loads(json.dumps(plain, sort_keys=True))
    assert dump(plain) == dump(again)
    read = nbformat.reads(dump(plain).decode(), as_version=4)
    nbformat.validate(read)
    assert read.cells[1].source == "x\ny" and read.cells[1].outputs[0].text == "a\nb"
    assert json.loads(dump(plain))["cells"][1]["source"] == ["x\n", "y"]
