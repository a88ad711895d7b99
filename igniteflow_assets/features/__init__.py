"""Point-in-time-correct features."""
