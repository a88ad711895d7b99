"""MLflow: the runs that follow Dagster's runs, and the model registry."""
