"""The sources of the audit log, and the facts that it records about a model."""
