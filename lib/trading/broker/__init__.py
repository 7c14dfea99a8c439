"""What is exchanged with a broker: the person's leave, and orders in the forms that brokers read."""
