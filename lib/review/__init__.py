"""Pages for people outside: what the tables of the other chapters say, on one page."""
