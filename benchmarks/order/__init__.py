"""Checks that the order and repetition of events do not change the platform's results."""
