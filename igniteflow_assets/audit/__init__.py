"""What happened to data and models, kept for whoever has to prove it."""
