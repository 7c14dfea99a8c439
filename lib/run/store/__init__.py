"""What is kept: results by key, runs, histories, and how they are verified, compared and cleaned."""
