"""From the decision policy of the settings to the one that decides."""
