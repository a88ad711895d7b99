"""A year of the loop, day by day: drift, retraining, the gate, and what all that was worth."""
