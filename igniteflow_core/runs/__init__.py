"""The result of a run of the platform on one page."""
