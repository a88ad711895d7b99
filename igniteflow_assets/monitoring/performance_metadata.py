"""What the assets that judge a champion state for the sensors that follow them."""

from typing import Final

PERFORMANCE_DROPPED: Final = "performance_dropped"
"""Metadata: whether the champion has become worse than at its promotion."""

PREVIOUS_IS_BETTER: Final = "previous_is_better"
"""Metadata: whether the champion before it would do better now."""
