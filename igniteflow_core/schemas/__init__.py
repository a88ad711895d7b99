"""Table contracts, written once for Spark, Delta, the checks, the UI and the docs."""
