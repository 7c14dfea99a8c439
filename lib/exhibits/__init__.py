"""Tables and figures as a reader sees them: title, content, one sentence that reads it, and its source.

An exhibit is HTML that stands by itself: JupyterLab shows it without a style sheet, a page of a run adds
looks, sorting and filtering. Whatever comes from data is escaped.
"""

from lib.exhibits.figures import figure_exhibit
from lib.exhibits.frame import Exhibit, Source, source_of
from lib.exhibits.links import links_exhibit
from lib.exhibits.markdown import markdown
from lib.exhibits.screener import screener_exhibit
from lib.exhibits.tables import table_exhibit

__all__ = [
    "Exhibit",
    "Source",
    "figure_exhibit",
    "links_exhibit",
    "markdown",
    "screener_exhibit",
    "source_of",
    "table_exhibit",
]
