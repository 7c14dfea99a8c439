"""A history that is not what was written is named, also when the run that made it was removed long ago."""

from __future__ import annotations

import hashlib

import pytest

from lib.errors import StoreError
from lib.run.store import states

OF = ("toy", "days", "portfolio", "one")


@pytest.fixture
def kept(tmp_path):
    place = states.folder(tmp_path, *OF)
    place.mkdir(parents=True)
    for day in ("2022-12-26", "2022-12-27"):
        content = day.encode()
        (place / f"{day}.parquet").write_bytes(content)
        (place / f"{day}.sha256").write_text(hashlib.sha256(content).hexdigest())
    return tmp_path


def test_the_newest_history_before_a_day_is_given_when_it_is_whole(kept):
    assert states.before(kept, *OF, "2022-12-28").stem == "2022-12-27"
    assert states.before(kept, *OF, "2022-12-27").stem == "2022-12-26"
    assert states.before(kept, *OF, "2022-12-26") is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b"2022-12-2v"),
        lambda path: path.write_bytes(b""),
        lambda path: path.unlink(),
        lambda path: path.with_suffix(".sha256").write_text("0" * 64),
        lambda path: path.with_suffix(".sha256").write_bytes(b"\xff"),
    ],
    ids=["a bit", "emptied", "deleted", "another digest", "a digest that is none"],
)
def test_a_damaged_history_is_not_passed_over_for_an_older_one(kept, spoil):
    path = states.folder(kept, *OF) / "2022-12-27.parquet"
    spoil(path)
    with pytest.raises(StoreError, match=rf"{path} is damaged or missing; .* put it back from a copy"):
        states.before(kept, *OF, "2022-12-28")
    assert states.before(kept, *OF, "2022-12-27").stem == "2022-12-26"


def test_a_history_from_before_there_were_digests_is_taken(kept):
    (states.folder(kept, *OF) / "2022-12-27.sha256").unlink()
    assert states.before(kept, *OF, "2022-12-28").stem == "2022-12-27"
