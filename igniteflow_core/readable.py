"""Rounds numbers for people to read."""

import math
from collections.abc import Mapping
from typing import Final

_DIGITS: Final = 4
_WHOLE_FROM: Final = 1_000


def readable(number: float) -> float:
    """The number rounded to four significant digits, or from 1,000 on to an integer."""
    if not math.isfinite(number):
        return number
    if abs(number) >= _WHOLE_FROM:
        return float(round(number))
    return float(f"{number:.{_DIGITS}g}")


def readable_numbers(measured: Mapping[str, float]) -> dict[str, float]:
    """All numbers rounded by ``readable``; integers are unchanged."""
    return {
        name: value if isinstance(value, int) else readable(value)
        for name, value in measured.items()
    }
