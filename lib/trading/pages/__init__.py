"""What the pages of the trading stages say and show."""
