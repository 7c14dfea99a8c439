"""Signal data from your own files."""
