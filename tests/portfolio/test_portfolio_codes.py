"""Every flag that the portfolio chapter can write has words."""

import pytest

from lib import codes
from lib.portfolio import market_flags, snapshots, trade_sizes
from lib.portfolio.pages import greeks as greeks_page
from lib.portfolio.pages import snapshot as snapshot_page
from lib.pricing import implied

OWN_PRICE = {one.upper() for one in implied.REASONS} - {"", "MISSING_INPUT", "EXPIRED"}
WRITTEN = {
    *market_flags.UNPRICED_REASONS,
    *market_flags.OTHER_WARNINGS,
    *("MANUAL", "EXPIRED", "EXITED", "GREEKS_NOT_COMPUTABLE"),
    *greeks_page.REMARKS,
    *OWN_PRICE,
    *snapshots.CHANGE_WARNINGS,
    *snapshots.STATE_WARNINGS,
    *(snapshots.FIRST_SNAPSHOT, *snapshot_page.OF_BOOK),
    *(*trade_sizes.LEFT_OUT, trade_sizes.ROUNDED),
}


@pytest.mark.parametrize("code", sorted(WRITTEN))
def test_a_flag_that_is_written_has_words(code):
    assert code in codes.CODES


@pytest.mark.parametrize("code", sorted({*market_flags.UNPRICED_REASONS, *market_flags.OTHER_WARNINGS}))
def test_a_flag_of_the_market_has_the_sentence_of_its_row_issue(code):
    assert codes.CODES[code].severity == "warning"
    assert "{value}" in codes.CODES[code].message


def test_what_a_price_says_of_its_volatility_is_among_the_remarks():
    assert set(greeks_page.REMARKS) >= OWN_PRICE
