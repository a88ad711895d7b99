"""From features and labels to a fraud model that serves, and its scores."""
