"""A/B tests: exposures, outcomes, and the report with decisions."""
