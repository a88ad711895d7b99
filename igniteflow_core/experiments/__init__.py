"""A/B tests: assignment, analysis, and decisions that are valid at any time."""
