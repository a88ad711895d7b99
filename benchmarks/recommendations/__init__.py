"""The recommender beside the published baselines: quality, cold start, scale."""
