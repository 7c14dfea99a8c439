"""Rules that trade: indicators, strategies, sizes, stops and the accounts that follow them."""
