"""What a reviewer reads: pages of stages and runs, the list of runs, the data dictionary."""

from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"
