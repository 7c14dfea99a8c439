"""What a run remembers is believed to the last bit or not at all, and made anew in silence."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from lib.run.store.cache import Cache, Known

NOW = datetime(2026, 1, 2, tzinfo=UTC)
CHECKS = {"d1": {"symbols": ["AAA", "BBB"], "rows": 2}}


@pytest.fixture
def kept(tmp_path):
    known = Known(checks=CHECKS, latest={"l": {"as_of": "2025-12-31", "until": "2026-01-03T00:00:00"}})
    Cache(tmp_path, NOW).save(imports={"s": ["lib.a"]}, known=known)
    return tmp_path


def believed(folder):
    cache = Cache(folder, NOW)
    return cache.part("imports"), cache.known(lambda *_: True)


def test_what_was_kept_comes_back(kept):
    imports, known = believed(kept)
    assert imports == {"s": ["lib.a"]}
    assert known.checks == CHECKS
    assert known.latest["l"]["as_of"] == "2025-12-31"


def test_no_bit_of_it_can_change_and_be_believed(kept):
    path, whole = kept / "cache.json", believed(kept)
    content = path.read_bytes()
    for place in range(len(content)):
        for bit in range(8):
            changed = bytearray(content)
            changed[place] ^= 1 << bit
            path.write_bytes(changed)
            assert believed(kept) in (whole, ({}, Known()))


NONE = ("", "[]", "null", "7", '{"hooks": []}', '{"seal": null}', "[" * 100_000, "{")


@pytest.mark.parametrize("text", NONE, ids=lambda text: text[:20])
def test_what_is_no_cache_counts_as_none(kept, text):
    (kept / "cache.json").write_text(text)
    assert believed(kept) == ({}, Known())


def test_a_symbol_that_changed_in_the_file_changes_no_number(ran):
    path, before = ran.outputs / "cache.json", ran.manifest()["tables"]
    text = path.read_text()
    assert "AAA" in text
    path.write_text(text.replace('"AAA"', '"AAB"'))
    code, events, err = ran.run("--force")
    assert (code, err) == (0, "")
    assert not [event for event in events if event["event"] == "warning"]
    assert ran.manifest()["tables"] == before
    path.write_text(json.dumps({"imports": {"x": ["lib.."]}, "hooks": None}))
    assert ran.run()[1][-1]["status"] == "unchanged"
    assert json.loads(path.read_text())["content"]["imports"]
