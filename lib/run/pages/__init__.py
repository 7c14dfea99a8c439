"""What a reviewer reads: pages of stages and runs, the list of runs, the data dictionary."""
