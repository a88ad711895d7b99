"""A simulated year of the retraining loop: drift, retraining, promotion, and their benefit."""
