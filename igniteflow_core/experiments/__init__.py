"""A/B tests: who gets what, what it changed, and what to decide from it, at any time."""
