"""The audit log of changes to data and models."""
