"""All fraud features with Spark, compared with 15 of them in pandas and Polars."""
