"""The recommender compared with published baselines: quality, cold start, scale."""
