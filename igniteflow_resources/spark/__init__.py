"""Spark: the Java check, the jars, the session."""
