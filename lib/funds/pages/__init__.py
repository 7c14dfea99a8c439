"""What the pages of the chapter show and say, one module a stage."""
