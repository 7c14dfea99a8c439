"""What the pages of the market say: frames, sentences, checks and key figures, a module a stage."""
