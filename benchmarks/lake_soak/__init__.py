"""Many simulated days of a lake, with maintenance and without."""
