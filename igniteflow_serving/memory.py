"""Memory settings of the server process."""

import ctypes
import gc
from typing import Final

_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_MMAP_BYTES: Final = 32 * 2**20
_TRIM_BYTES: Final = 256 * 2**20


def keep_freed_memory() -> None:
    """Reuse the memory of freed arrays instead of returning it to the operating system.

    By default, glibc maps each array of some hundred KiB, faults it in page by page and unmaps it,
    which takes most of the time of ranking a large catalogue. Other C libraries are not changed.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _MMAP_BYTES)
        mallopt(_M_TRIM_THRESHOLD, _TRIM_BYTES)


def keep_what_is_loaded() -> None:
    """Exclude all existing objects from garbage collection.

    A full collection that traverses the libraries and models would delay requests by a quarter of
    a second.
    """
    gc.collect()
    gc.freeze()
