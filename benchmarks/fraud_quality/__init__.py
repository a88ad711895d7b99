"""The ensemble compared with its members and standard models, on the same weekly folds."""
