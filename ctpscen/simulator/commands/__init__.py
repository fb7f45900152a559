"""What a scenario may do to the venue and to the network."""
