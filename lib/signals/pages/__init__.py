"""What the pages of the signal stages say and show."""
