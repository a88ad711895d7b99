"""Validity of ids, numbers, labels and times: one rule for batch, stream and API."""
