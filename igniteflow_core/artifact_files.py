"""The files of a saved model: read, and verified by the manifest that was written last."""

import hashlib
import json
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from igniteflow_core.errors import ModelArtifactError


@dataclass(frozen=True)
class ArtifactFiles:
    """Reads the files of one kind of artifact; errors name ``fix`` as the remedy."""

    fix: str

    def manifest(self, path: Path, format_version: int) -> bytes:
        """The manifest as JSON text of that format version.

        Raises:
            ModelArtifactError: the manifest cannot be read, or has another format version.
        """
        content = self._content(path)
        try:
            version = json.loads(content)["format_version"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise self.broken(path, "the manifest is not readable") from error
        if version != format_version:
            raise self.broken(
                path, f"format version {version}, but this code reads {format_version}"
            )
        return content

    def verified(self, path: Path, sha256: str | None) -> bytes:
        """The content, whose SHA-256 is verified.

        Raises:
            ModelArtifactError: the file cannot be read, or has another SHA-256.
        """
        content = self._content(path)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise self.broken(path, "its content is not what the manifest says")
        return content

    def arrays(self, path: Path, content: bytes) -> dict[str, NDArray[Any]]:
        """The arrays of an ``.npz`` as ``numpy.savez`` writes it: not compressed, no objects.

        A compressed one could grow a thousandfold in memory.

        Raises:
            ModelArtifactError: the content is not such an archive.
        """
        try:
            with zipfile.ZipFile(BytesIO(content)) as archive:
                if any(member.compress_type != zipfile.ZIP_STORED for member in archive.filelist):
                    raise self.broken(path, "its arrays are compressed")
            with np.load(BytesIO(content), allow_pickle=False) as stored:
                return {name: stored[name] for name in stored.files}
        except (ValueError, KeyError, EOFError, OSError, MemoryError, zipfile.BadZipFile) as error:
            raise self.broken(path, f"the arrays cannot be read ({error!r})") from error

    def broken(self, path: Path, what: str) -> ModelArtifactError:
        """The error to raise about a file."""
        return ModelArtifactError(f"{path.name}: {what}", where=str(path), fix=self.fix)

    def _content(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise self.broken(path, f"cannot be read: {error.strerror}") from error
