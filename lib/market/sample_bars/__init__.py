"""Five US stocks with open, high, low, close and volume from 2000 to 2013, unadjusted, embedded."""
