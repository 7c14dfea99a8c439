"""Fund selection: market score, fund scores, a backtest of choosing by them, model portfolios, comparison."""
