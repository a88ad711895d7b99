"""Kills and faults while the platform works, and whether tables, models and queue stay right."""
