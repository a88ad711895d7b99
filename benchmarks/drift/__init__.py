"""Drift detection beside plain tests: false alarms, planted shifts, and simulated scenarios."""
