"""A workbench of five tiny stages: the real engine with notebooks that take no time."""
