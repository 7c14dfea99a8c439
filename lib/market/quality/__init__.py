"""How good bars are: rules, gaps, repairs, coverage and scores, and the words for them."""
