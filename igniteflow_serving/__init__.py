"""The server of the API and of the SageMaker container; it requires neither Dagster nor Java."""
