"""Decisions: the policy that makes them of scores, and the log of every one that was given."""
