"""Interactions, recommender models, and the best unseen items of each user."""
