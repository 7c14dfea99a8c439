"""Funds: their data, the market score, fund scores, the backtest of choosing by them, comparison."""
