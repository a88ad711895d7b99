"""The audit trail: every decision that was given, as files that only grow."""
