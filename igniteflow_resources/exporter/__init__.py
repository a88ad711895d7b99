"""Exports Dagster's state as Prometheus metrics: runs, daemons, assets, checks, models."""
