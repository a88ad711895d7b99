"""MLflow: tracking of Dagster's runs, and the model registry."""
