"""Settings that have been renamed."""

from typing import Final

RENAMED: Final = {
    "owner": "owners.default",
    "recommendations.popularity_smoothing": "recommendations.popularity.smoothing",
}
"""The current name of each renamed setting; add an entry whenever a setting is renamed."""
