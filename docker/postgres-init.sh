#!/usr/bin/env bash
# Creates a database with its own owner for Dagster and for MLflow; runs once, on an empty volume.
set -euo pipefail
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" \
    --set dagster="$DAGSTER_PG_PASSWORD" --set mlflow="$MLFLOW_PG_PASSWORD" <<'SQL'
CREATE ROLE dagster LOGIN PASSWORD :'dagster';
CREATE DATABASE dagster OWNER dagster;
CREATE ROLE mlflow LOGIN PASSWORD :'mlflow';
CREATE DATABASE mlflow OWNER mlflow;
SQL
