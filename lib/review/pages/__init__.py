"""What the pages of the review say: frames, sentences, checks and key figures."""
