"""JupyterLab as ``lab`` starts it; nothing here takes part in a run."""
