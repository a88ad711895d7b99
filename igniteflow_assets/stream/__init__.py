"""The stream as the graph sees it: its progress, and whether its features equal the batch."""
