"""What the pages of the portfolio stages show and say, one module a notebook."""
