"""The embedded sample of signals: real stocks and factors, generated banks with a known truth."""
