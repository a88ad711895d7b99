"""Spark Structured Streaming from Kafka, and the two places its scores go to."""
