"""The lake's own upkeep: files joined and deleted, and tables taken back to an earlier version."""
