"""From any Python to the fixed environment that runs, kernels and hooks see."""
