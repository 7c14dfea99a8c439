"""The embedded sample of signals: real stocks and factors, generated banks, real natural experiments."""
