"""Where notebooks and hooks are executed: the zygote, its forks, and what comes back of them."""
