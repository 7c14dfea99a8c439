"""Hostile texts wherever data can stand: nothing is executed and nothing is asked for."""

from __future__ import annotations

from pathlib import Path

import pages_fixtures as made
import pytest
import runs_fixtures as runs

from lib import exhibits
from lib.run.pages import writing

TAGS = (
    "<script>hit()</script>",
    "</script><script>hit()</script>",
    "</style><script>hit()</script>",
    "</title><script>hit()</script>",
    "<img src=x onerror=hit()>",
    "<img src='http://evil.example/x.png'>",
    "<image src=x onerror=hit()>",
    "<svg onload=hit()></svg>",
    "<svg><script>hit()</script></svg>",
    "<svg><animate onbegin=hit() attributeName=x dur=1s></svg>",
    "<svg><use href='http://evil.example/x.svg#a'></use></svg>",
    "<svg><foreignObject><body onload=hit()></foreignObject></svg>",
    "<math><mtext><style><img src=x onerror=hit()></style></mtext></math>",
    "<iframe srcdoc='<script>parent.hit()</script>'></iframe>",
    "<iframe src='javascript:parent.hit()'></iframe>",
    "<object data='javascript:hit()'></object>",
    "<embed src='http://evil.example/x'>",
    "<body onload=hit()>",
    "<input autofocus onfocus=hit()>",
    "<details open ontoggle=hit()>",
    "<video><source onerror=hit()></video>",
    "<audio src=x onerror=hit()>",
    "<marquee onstart=hit()>",
    "<link rel=stylesheet href='http://evil.example/x.css'>",
    "<meta http-equiv=refresh content='0;url=http://evil.example'>",
    "<base href='http://evil.example/'>",
    "<form action='http://evil.example'><button autofocus onfocus=hit()>x</button></form>",
    "<style>@import 'http://evil.example/x.css';</style>",
    "<p style='background:url(http://evil.example/x)'>x</p>",
    "<a href='javascript:hit()'>x</a>",
    "<template><script>hit()</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=hit()>'></noscript>",
    "<!--><img src=x onerror=hit()>-->",
)
BREAKING_OUT = (
    '"><img src=x onerror=hit()>',
    "' autofocus onfocus=hit() x='",
    '" onmouseover=hit() x="',
    "]]><script>hit()</script>",
    "{{ cycler.__init__.__globals__ }}",
    "${hit()}",
    "javascript:hit()",
    "&lt;script&gt;hit()&lt;/script&gt;",
)
MARKDOWN = (
    "[x](javascript:hit())",
    "![x](http://evil.example/x.png)",
    '[x]: http://evil.example/x "<img src=x onerror=hit()>"',
    "`<script>hit()</script>`",
    "<http://evil.example/x>",
)
TEXTS = (*TAGS, *BREAKING_OUT, *MARKDOWN)
LOUD = "window.hits = 0; window.hit = () => { window.hits += 1; };"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> list[Path]:
    """A stage's page, a failed one, a run's page and the page of runs, full of the texts."""
    root, joined = tmp_path_factory.mktemp("hostile"), " ".join(TEXTS)
    frame = made.positions(len(TEXTS)).assign(symbol=TEXTS, sector=TEXTS)
    shown = [
        exhibits.table_exhibit(
            frame, title=joined, reading=joined, columns=["symbol", "sector"], labels={"symbol": joined}
        ),
        exhibits.links_exhibit({"x.csv": joined}, title=joined),
    ]
    cells = [made.shown(f"show-{n}", "x", made.html_of(one)) for n, one in enumerate(shown)]
    for n, text in enumerate(TEXTS):
        for kind in ("text/html", "text/markdown", "text/plain", "text/latex"):
            cells.append(made.shown(f"o{n}-{kind[5:]}", text, made.display({kind: text})))
        cells.append(made.said(f"p{n}", f"## {text}\n\n{text}"))
    figures = [{**made.key_figures()[0], "name": text, "sentence": text} for text in TEXTS]
    checks = [{"name": text, "passed": False, "detail": text} for text in TEXTS]
    said = {
        "title": joined,
        "verdict": joined,
        "faults": list(TEXTS),
        "checks": checks,
        "key_figures": figures,
    }
    failure = {**made.FAILURE, "message": joined, "evalue": joined, "ename": joined, "traceback": list(TEXTS)}
    found = []
    for name, record in {
        "stage": made.record(**said),
        "failed": made.record(failure=failure, **said),
    }.items():
        payload = made.write(root / name, made.notebook(*cells), record)
        again = {"run": joined, "params": joined, "as_of": joined} if name == "failed" else None
        writing.write_stage_page({**payload, "again": again})
        found.append(Path(payload["page"]))
    owners = [{"id": "individual", "name": joined, "currency": joined}]
    manifest = runs.manifest(owners=owners, name=joined)
    for one in manifest["stages"]:
        one |= {
            "verdict": joined,
            "faults": list(TEXTS),
            "checks": checks,
            "key_figures": figures,
            "title": joined,
        }
    manifest["stages"][-1] |= {"state": "failed", "failure": failure}
    for name, text in {"run": writing.run_page(manifest), "runs": writing.runs_page([manifest])}.items():
        found.append(root / f"{name}.html")
        found[-1].write_text(text)
    return found


def test_nothing_of_the_injected_texts_is_executed_or_asked_for(browser, hostile):
    assert len(TEXTS) >= 40
    for path in hostile:
        context = browser.new_context()
        page, asked, said = context.new_page(), [], []
        page.add_init_script(LOUD)
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("dialog", lambda dialog, said=said: (said.append(dialog.message), dialog.dismiss()))
        page.route("http*://**", lambda route: route.abort())
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page.wait_for_timeout(300)
        assert page.evaluate("window.hits") == 0, path.name
        assert page.url == path.as_uri(), path.name
        assert said == []
        assert [one for one in asked if not one.startswith(("file:", "data:"))] == [], path.name
        context.close()
