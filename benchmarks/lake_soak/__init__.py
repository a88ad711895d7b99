"""Many simulated days of a lake, with and without maintenance."""
