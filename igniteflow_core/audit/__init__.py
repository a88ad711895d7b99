"""The audit log: what happened to data and models, in a chain that shows every change."""
