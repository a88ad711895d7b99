"""Recommendations: implicit feedback, its models, their blend, and how well they rank."""
