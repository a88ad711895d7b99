"""Training, evaluation, promotion and scores of the fraud model."""
