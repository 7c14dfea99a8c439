"""Access tokens of brokers: granted by a person, kept encrypted, renewed before they end, never shown."""
