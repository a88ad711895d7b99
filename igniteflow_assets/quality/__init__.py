"""Quality checks of every table that has rules, and of the whole of the ingestion."""
