"""Tables of what moves together: what is compared, correlations, clusters, independent positions."""

from __future__ import annotations

from lib.contracts import Table
from lib.tables.columns import count, fraction, money, number, ratio, text

CORRELATIONS = (
    Table(
        "compared_underlyings",
        "Every underlying that is held, and why one is not compared with the others.",
        (
            text("symbol", "underlying"),
            money(
                "exposure",
                "delta-adjusted, of all its positions together, signed money",
                null=True,
                label="Net, by delta",
                absent="no exposure",
            ),
            money(
                "gross",
                "sum of |delta-adjusted exposure| over its positions, money",
                null=True,
                label="Without offsetting",
                absent="no exposure",
            ),
            fraction(
                "weight", "exposure / sum of |exposure| over all, signed", null=True, absent="no exposure"
            ),
            count("observations", "returns in the window", label="Returns"),
            text("reason", "code of why it is left out; empty when compared"),
        ),
        ("symbol",),
        may_be_empty=True,
    ),
    Table(
        "position_correlations",
        "Correlations of the underlyings' log returns, both directions and the diagonal.",
        (
            text("symbol_1", "underlying", label="First"),
            text("symbol_2", "underlying", label="Second"),
            ratio(
                "correlation",
                "Pearson's, on common days",
                null=True,
                low=-1.0000001,
                high=1.0000001,
                absent="too few common days",
            ),
            count("observations", "common days", label="Days"),
            ratio("p_value", "two-sided, Fisher's z", null=True, label="p", absent="no correlation"),
        ),
        ("symbol_1", "symbol_2"),
        may_be_empty=True,
    ),
    Table(
        "clusters",
        "Underlyings that move together, one row a member.",
        (
            text("method", "how they were joined", values=("linked", "average")),
            count("cluster", "number, 1 the largest", low=1),
            text("nickname", "name for people"),
            text("symbol", "member"),
            fraction("weight", "|delta-adjusted exposure| / sum over all", null=True),
            ratio(
                "correlation_to_cluster",
                "mean with the other members",
                null=True,
                label="Mean correlation to the others",
                absent="no pair",
            ),
            ratio(
                "average_correlation",
                "mean over the cluster's pairs",
                null=True,
                label="Mean correlation",
                absent="no pair",
            ),
            ratio(
                "min_correlation",
                "smallest over the cluster's pairs",
                null=True,
                label="Smallest",
                absent="no pair",
            ),
        ),
        ("method", "cluster", "symbol"),
        may_be_empty=True,
    ),
    Table(
        "concentration",
        "How many independent positions the book amounts to.",
        (
            text("measure", "name"),
            number("value", "the figure; null where not computable", null=True),
            text("note", "reason when null, remark otherwise", null=True),
        ),
        ("measure",),
    ),
)
