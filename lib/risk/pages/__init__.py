"""What the pages of the risk chapter show and say, one module a stage."""
