"""The ensemble beside its members and the standard models, week after week, on the same folds."""
