"""Proposes settings for an undocumented file, with the reason for each."""
