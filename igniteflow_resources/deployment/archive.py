"""A model as SageMaker takes it: one archive, the same bytes for the same model."""

import gzip
import io
import tarfile
from pathlib import Path


def model_archive(endpoint_folder: Path) -> bytes:
    """``model.tar.gz`` with an endpoint's folder under its name, as the container looks for it.

    Times, owners and order are fixed, so that the archive's hash tells models apart.

    Args:
        endpoint_folder: rollout and versions, as ``deployment.endpoint.Endpoint`` lays them out.
    """
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(endpoint_folder.rglob("*")):
            if path.is_file():
                entry = tarfile.TarInfo(
                    f"{endpoint_folder.name}/{path.relative_to(endpoint_folder)}"
                )
                entry.size, entry.mode = path.stat().st_size, 0o644
                with path.open("rb") as file:
                    archive.addfile(entry, file)
    return gzip.compress(plain.getvalue(), mtime=0)
