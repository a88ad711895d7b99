"""Monitoring of the stream: its progress, and the parity of its features with the batch."""
