"""The stream's throughput and latency beside a plain copy from Kafka to Delta."""
