"""Ingestion and validation of transactions, customers, terminals and labels."""
