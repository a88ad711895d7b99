"""Settings: models, and the layers they are loaded from."""
