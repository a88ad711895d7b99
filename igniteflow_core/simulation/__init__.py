"""Simulated source files, for teams that have no data yet."""
