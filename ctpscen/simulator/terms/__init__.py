"""What an exchange publishes: rules, phases, contract terms, limits, and the manners of a venue."""
