"""Latency of the API compared with MLflow's scoring server."""
