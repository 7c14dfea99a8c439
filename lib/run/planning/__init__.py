"""What would run and why: the graph, digests of code, hooks before planning, the plan."""
