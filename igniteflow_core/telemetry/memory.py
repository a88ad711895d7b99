"""The resident memory of a process."""

import os
from pathlib import Path


def resident_bytes(process: int | None = None) -> float:
    """Resident memory in bytes; NaN on systems without Linux's /proc.

    Args:
        process: the id of another process; None for this one.
    """
    statm = Path("/proc", str(process or os.getpid()), "statm")
    if not statm.exists():
        return float("nan")
    return float(statm.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
