"""What the pages of the fund stages show and say, one module a notebook."""
