"""What a run of the platform came to, on one page."""
