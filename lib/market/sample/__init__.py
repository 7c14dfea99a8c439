"""The embedded sample: real adjusted prices, and what is constructed or generated from them."""
