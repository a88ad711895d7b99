"""A/B tests: exposures and outcomes, and what to decide from them."""
