"""The API and the SageMaker container: one program, which needs neither Dagster nor Java."""
