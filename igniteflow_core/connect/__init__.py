"""From a file that nobody has described to settings that describe it, with the reasons."""
