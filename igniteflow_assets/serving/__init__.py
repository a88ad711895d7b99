"""What serves: online features, endpoints, and the log of what they decided."""
