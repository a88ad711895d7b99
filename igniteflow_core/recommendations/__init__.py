"""Recommendations: implicit feedback, the models, their blend, and the evaluation."""
