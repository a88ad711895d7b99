"""Latency of the API beside MLflow's scoring server."""
