"""Settings that earlier versions knew by another name."""

from typing import Final

RENAMED: Final = {
    "owner": "owners.default",
    "recommendations.popularity_smoothing": "recommendations.popularity.smoothing",
}
"""The name of today of each; whoever renames a setting adds it here."""
