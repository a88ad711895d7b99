"""Watching what the models live on."""
