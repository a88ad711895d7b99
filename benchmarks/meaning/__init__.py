"""Checks that the platform reads the same rows correctly in many forms and rejects errors."""
