"""Generated indicators of the United States and of India."""
