"""One independent random generator for each purpose and day."""

from datetime import date
from zlib import crc32

import numpy as np


def generator(seed: int, purpose: str, day: date | None = None) -> np.random.Generator:
    """The generator of ``purpose``, and of ``day`` if the draw belongs to one.

    Its state follows from the arguments alone, so a day can be drawn without the days before it,
    and a change to one purpose does not affect the draws of the others.
    """
    key = [seed, crc32(purpose.encode())]
    return np.random.default_rng(key if day is None else [*key, day.toordinal()])
