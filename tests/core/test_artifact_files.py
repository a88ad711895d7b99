"""Arrays of a forged model: the sum is right, the content is hostile."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from igniteflow_core.artifact_files import ArtifactFiles
from igniteflow_core.errors import ModelArtifactError

FILES = ArtifactFiles(fix="-")
RUN = []


class Program:
    def __reduce__(self):
        return (RUN.append, ("it ran",))


def zipped(save, **arrays) -> bytes:
    content = io.BytesIO()
    save(content, **arrays)
    return content.getvalue()


def with_header(header: str) -> bytes:
    """An array whose header is that text, in an archive."""
    text = header.encode().ljust(118) + b"\n"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.npy", b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text)
    return content.getvalue()


HOSTILE = {
    "a program": zipped(np.savez, a=np.array([Program()], dtype=object)),
    "a bomb": zipped(np.savez_compressed, a=np.zeros(10_000_000)),
    "larger than its file": with_header(
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,)}"
    ),
    "a negative shape": with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (-5,)}"),
    "code in the header": with_header("__import__('os').getpid()"),
    "no archive": b"PK\x03\x04" + bytes(100),
    "empty": b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_arrays_are_refused_and_nothing_runs(name):
    with pytest.raises(ModelArtifactError):
        FILES.arrays(Path("arrays.npz"), HOSTILE[name])
    assert not RUN


def test_what_numpy_saves_is_read():
    (read,) = FILES.arrays(Path("a.npz"), zipped(np.savez, a=np.arange(3))).values()
    assert read.tolist() == [0, 1, 2]
