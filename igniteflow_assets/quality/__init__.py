"""Quality checks of tables with rules, and of the ingestion as a whole."""
