"""Prices, profiles and option quotes from Yahoo, by yfinance."""
