"""Codes of the table ``row_issues``: what is wrong or unusual in a portfolio file, and what the market adds.

A message says what was found and what to do, and may hold one ``{value}``, the text that was found.
"""

from __future__ import annotations

from lib.codes.code import Code

ROW_ISSUES = (
    Code("BLANK_ROW", "blank row", "rejected", "The row is blank; delete it."),
    Code(
        "UNEXPECTED_FIELDS",
        "more fields than the header",
        "rejected",
        "The row has more fields than the header, the first surplus one being “{value}”; put lists of"
        " tags in double quotes and write numbers without thousands commas.",
    ),
    Code("EMPTY_TICKER", "no ticker", "rejected", "The ticker is empty; write the symbol."),
    Code(
        "BAD_TICKER",
        "no ticker can read so",
        "rejected",
        "“{value}” is no ticker; use up to 24 letters, digits and . - ^ = & _ without spaces.",
    ),
    Code(
        "BAD_OCC_ROOT",
        "option root too long",
        "rejected",
        "“{value}” looks like an option whose root is longer than six letters; check the root.",
    ),
    Code(
        "BAD_OCC_DATE",
        "impossible expiry",
        "rejected",
        "“{value}” looks like an option with an impossible expiry; write the expiry as YYMMDD.",
    ),
    Code(
        "BAD_OCC_TYPE",
        "neither call nor put",
        "rejected",
        "“{value}” looks like an option that is neither C nor P; write C for a call, P for a put.",
    ),
    Code(
        "BAD_OCC_STRIKE",
        "bad strike",
        "rejected",
        "“{value}” looks like an option with a bad strike; write the strike times 1,000 as eight "
        "digits, above zero.",
    ),
    Code(
        "QTY_NOT_NUMBER",
        "quantity is no number",
        "rejected",
        "The quantity “{value}” is not a number; write it like -1200 or 12.5.",
    ),
    Code(
        "QTY_ZERO",
        "quantity is zero",
        "rejected",
        "The quantity is zero; delete the row or write the quantity, negative when short.",
    ),
    Code(
        "PRICE_NOT_NUMBER",
        "price is no number",
        "rejected",
        "The price “{value}” is not a number; write it like 1234.50.",
    ),
    Code(
        "PRICE_NOT_POSITIVE",
        "price is not above zero",
        "rejected",
        "The price “{value}” is not above zero; shorts have a positive price and a negative quantity.",
    ),
    Code(
        "PRICE_NEGATIVE",
        "exit price below zero",
        "rejected",
        "The exit price “{value}” is below zero; write zero or more.",
    ),
    Code(
        "BAD_DATE_FORMAT",
        "no calendar day",
        "rejected",
        "The date “{value}” is not a calendar day written YYYY-MM-DD; write it like 2022-01-31.",
    ),
    Code(
        "DATE_IN_FUTURE",
        "day after the as-of date",
        "rejected",
        "The date “{value}” is after the as-of date; correct it, or run a later as-of date.",
    ),
    Code(
        "ENTRY_AFTER_EXPIRY",
        "entered after expiry",
        "rejected",
        "The option was entered on {value}, after it expired; check both dates.",
    ),
    Code(
        "EXIT_INCOMPLETE",
        "exit incomplete",
        "rejected",
        "An exit needs both exit_date and exit_price; write both or neither.",
    ),
    Code(
        "EXIT_BEFORE_ENTRY",
        "exit before entry",
        "rejected",
        "The exit on {value} is before the entry; check both dates.",
    ),
    Code(
        "MANUAL_INCOMPLETE",
        "manual valuation incomplete",
        "rejected",
        "A manual valuation needs both price and price_date; write both or neither.",
    ),
    Code(
        "MANUAL_SHORT",
        "manual valuation of a short",
        "rejected",
        "A manual valuation must be long, and the quantity is “{value}”; write a positive one.",
    ),
    Code(
        "MANUAL_OPTION",
        "manual valuation of an option",
        "rejected",
        "The option “{value}” has a manual valuation; leave price and price_date empty.",
    ),
    Code(
        "BAD_TAG",
        "tag rewritten",
        "warning",
        "A tag in “{value}” was rewritten with underscores: a tag has letters, digits and underscores, and "
        "the part after #strategy: may also have spaces and hyphens.",
    ),
    Code(
        "TAG_TOO_LONG",
        "tag cut",
        "warning",
        "One of the tags “{value}” is longer than 50 characters and was cut.",
    ),
    Code(
        "TOO_MANY_TAGS",
        "too many tags",
        "warning",
        "The position has {value} tags; the first 20 are kept.",
    ),
    Code(
        "DUPLICATE_ROW",
        "row repeated",
        "rejected",
        "The row repeats an earlier one in every field and was left out; delete one of the two, or "
        "add the quantities when both are real.",
    ),
    Code(
        "DATE_TOO_OLD",
        "entered more than five years ago",
        "warning",
        "The entry on {value} is more than five years before the as-of date; check the year.",
    ),
    Code(
        "REPEATED_FILL",
        "entered more than once that day",
        "warning",
        "{value} was entered more than once on that day; each row is kept as a position of its own.",
    ),
    Code(
        "TAG_LONG",
        "tag that tables cut",
        "warning",
        "A tag in “{value}” is longer than 20 characters; tables will cut it.",
    ),
    Code(
        "TOO_MANY_DISTINCT_TAGS",
        "more than 100 different tags",
        "warning",
        "The file uses {value} different tags; more than 100 cannot be read at a glance.",
    ),
    Code(
        "FORMULA_PREFIX",
        "text like a formula",
        "warning",
        "“{value}” starts like a spreadsheet formula; remove the leading sign.",
    ),
    Code(
        "OPTION_EXPIRED",
        "expired by the as-of date",
        "warning",
        "{value} has expired by the as-of date: after expiry day it counts as settled at its value of"
        " that day, with nothing held; remove the row once the cash is booked.",
    ),
    Code(
        "FRACTIONAL_CONTRACTS",
        "part of a contract",
        "warning",
        "{value} contracts are not a whole number; check the quantity.",
    ),
    Code(
        "ADJUSTED_CONTRACT",
        "adjusted contract",
        "warning",
        "{value} is an adjusted contract; a multiplier of 100 is assumed and may be wrong.",
    ),
    Code(
        "MIXED_LONG_SHORT_SAME_SYMBOL",
        "held long and short",
        "warning",
        "{value} is held long and short; both are kept, and both count in gross.",
    ),
    Code("NO_ROWS", "no rows", "warning", "The file has a header and no rows: the book is empty."),
    Code(
        "OPTION_PREMIUM_IMPLAUSIBLE",
        "premium above what an option can be worth",
        "warning",
        "{value} cost more than an option can be worth; write the premium a share, not a contract.",
    ),
    Code(
        "ENTRY_NOT_TRADING_DAY",
        "entered while the exchange was closed",
        "warning",
        "The exchange was closed on {value}; check the entry date.",
    ),
    Code(
        "UNKNOWN_SYMBOL",
        "unknown symbol",
        "warning",
        "{value} is unknown to the data: neither an instrument nor a price; check the ticker.",
    ),
    Code(
        "UNPRICED",
        "no price",
        "warning",
        "{value} has no price within seven days of the as-of date; it is left out of every total.",
    ),
    Code(
        "STALE",
        "price older than the last trading day",
        "warning",
        "{value} has no price on the last trading day; an older one is used and it has no daily profit.",
    ),
    Code(
        "CURRENCY",
        "other currency",
        "warning",
        "{value} trades in another currency than the portfolio; it is left out of every total.",
    ),
    Code(
        "SPLIT_SINCE_ENTRY",
        "split since entry",
        "warning",
        "{value} was split after entry; the quantity is read as today's, and the entry price was "
        "divided by the split ratio.",
    ),
    Code(
        "MANUAL_STALE",
        "manual valuation more than 100 days old",
        "warning",
        "The manual valuation of {value} is more than 100 days old; ask for a newer one.",
    ),
    Code(
        "NO_PREVIOUS",
        "no price before the last one",
        "warning",
        "{value} has no price in the ten days before its last one; it has no daily profit.",
    ),
    Code(
        "OTHER_SEPARATOR",
        "columns separated otherwise",
        "info",
        "The columns are separated by {value}, not by commas; the file was read so.",
    ),
    Code("IGNORED_COLUMN", "column not used", "info", "The column “{value}” is not used."),
)
