"""Strategies, sizing and stops, an account over bars: what rules of trade say and earn."""
