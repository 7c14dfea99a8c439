"""What the notebooks import: one package per chapter, shared contracts beside them."""
