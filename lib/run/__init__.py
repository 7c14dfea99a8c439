"""How a run happens: environment, params, plan, engine, kernels, store, pages."""
