"""What the platform tells of itself: JSON logs, Prometheus metrics, OpenTelemetry traces."""
