"""What Dagster knows, as Prometheus metrics: runs, daemons, assets, checks, models."""
