"""Monitoring of models: drift, performance, and the business report."""
