"""All fraud features by Spark, beside 15 of them by pandas and by Polars, on the same rows."""
