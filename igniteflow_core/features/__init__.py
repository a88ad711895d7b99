"""Fraud features: declared once, computed point-in-time correct in memory and in Spark."""
