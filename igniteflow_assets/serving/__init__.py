"""Serving: online features, endpoints, and the logs of the API."""
