"""Throughput and latency of the stream, compared with a plain copy by Spark."""
