import subprocess
import sys

import pytest

FAULTS = """
import resource, sys
import numpy as np
from igniteflow_serving.memory import keep_freed_memory

if sys.argv[1] == "keep":
    keep_freed_memory()
array = np.ones(2**20)
del array
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    array = np.ones(2**18)
    del array
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how: str) -> int:
    result = subprocess.run(
        [sys.executable, "-c", FAULTS, how], capture_output=True, text=True, check=True
    )
    return int(result.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="another C library keeps memory its own way")
def test_freed_arrays_are_not_faulted_in_again():
    assert faults("keep") < faults("as it is") / 2
