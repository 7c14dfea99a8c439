"""What natural experiments, their outcomes and the reasons for no answer are called on pages."""

from __future__ import annotations

DESIGNS = {
    "castle": "castle doctrine laws",
    "bank-reporting": "generated banks' reporting",
}
OUTCOMES = {
    "homicide": "homicides per 100,000 people",
    "l_homicide": "the logarithm of homicides",
    "funding_cost": "funding cost (points)",
}
REFUSALS = {
    "NO_DESIGN": "The signal names no natural experiment that the data hold, so that it has no causal test.",
    "NO_PRE_PERIOD": (
        "The data begin after the treatment: there is no period before it, and nothing is estimated."
    ),
    "NO_TREATED": "No unit of the design is ever treated, so that there is no effect.",
    "NO_CONTROLS": "All units are treated at once: there is nobody to compare them with.",
    "ONE_CLUSTER": "All units are one cluster: no error can be known, and nothing is estimated.",
}
MENDS = {
    "NO_DESIGN": "A natural experiment in the data, and its name as the design of the signal in the params.",
    "NO_PRE_PERIOD": "Data from before the first treatment.",
    "NO_TREATED": "At least one unit with a first treated period.",
    "NO_CONTROLS": "Units that are treated later than others, or never.",
    "ONE_CLUSTER": "Units in more than one cluster.",
}


def design_words(name: str) -> str:
    """A natural experiment inside a sentence; one that has no words here in those of its name."""
    return DESIGNS.get(name, _plain(name)) or "no design"


def outcome_words(name: str) -> str:
    """An outcome inside a sentence; one that has no words here in those of its name."""
    return OUTCOMES.get(name, _plain(name)) or "no outcome"


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").replace("-", " ").split())
