"""Risk of a book: returns of today's holdings through past markets and their measures."""
