"""What the models are worth to the business, and what was decided about them."""
