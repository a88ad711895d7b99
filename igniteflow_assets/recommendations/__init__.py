"""From ratings to the best unseen items of each user."""
