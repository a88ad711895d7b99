"""Decisions: the policy that derives them from scores, and the log of all decisions."""
