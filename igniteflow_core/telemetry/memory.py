"""How much memory this process holds."""

import os
from pathlib import Path

_STATM = Path("/proc/self/statm")


def resident_bytes() -> float:
    """Resident memory in bytes; NaN where the system does not tell it as Linux does."""
    if not _STATM.exists():
        return float("nan")
    return float(_STATM.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
