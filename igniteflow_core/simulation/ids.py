"""Readable identifiers of simulated rows."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


def numbered_ids(prefix: str, numbers: NDArray[np.int64], *, width: int = 7) -> list[str]:
    """``prefix`` and each number, padded with zeros to ``width`` digits."""
    padded = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0")
    ids: list[str] = pc.binary_join_element_wise(prefix, padded, "").to_pylist()
    return ids


def customer_ids(positions: NDArray[np.int64]) -> list[str]:
    """The customer_id of each position in the population."""
    return numbered_ids("C", positions)


def terminal_ids(positions: NDArray[np.int64]) -> list[str]:
    """The terminal_id of each position in the population."""
    return numbered_ids("T", positions)


def transaction_ids(day: date, *, first: int, count: int) -> list[str]:
    """``count`` ids of ``day``, numbered from ``first``; no other day has them."""
    return numbered_ids(f"{day:%Y%m%d}-", np.arange(first, first + count))
