"""How the process keeps memory."""

import ctypes
import gc
from typing import Final

_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_MMAP_BYTES: Final = 32 * 2**20
_TRIM_BYTES: Final = 256 * 2**20


def keep_freed_memory() -> None:
    """Keep the memory of arrays that are freed for the next ones.

    glibc would map each array of some hundred KiB, have it faulted in page by page, and give it
    back, which is most of the time of ranking a large catalogue. Another C library is left as it
    is.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _MMAP_BYTES)
        mallopt(_M_TRIM_THRESHOLD, _TRIM_BYTES)


def keep_what_is_loaded() -> None:
    """Take all that there is out of garbage collection.

    A full collection that walked the libraries and models would hold up requests for a quarter of
    a second.
    """
    gc.collect()
    gc.freeze()
