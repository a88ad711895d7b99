"""Drift detection compared with plain tests: false alarms, planted shifts, simulated scenarios."""
