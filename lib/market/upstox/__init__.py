"""Daily bars of Indian exchanges from Upstox, a broker that is asked in a person's name."""
