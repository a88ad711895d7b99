"""Where the audit log comes from, and what it says of a model."""
