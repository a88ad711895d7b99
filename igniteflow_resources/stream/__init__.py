"""Spark Structured Streaming from Kafka or Kinesis, with scores written to Delta and Kafka."""
