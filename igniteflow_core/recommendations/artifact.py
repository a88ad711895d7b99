"""The hybrid recommender on disk: plain arrays and a manifest, nothing that runs when loaded."""

import hashlib
import json
import os
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from igniteflow_core.errors import ModelArtifactError
from igniteflow_core.recommendations.content import ContentModel
from igniteflow_core.recommendations.factors import AlsRanker
from igniteflow_core.recommendations.hybrid import BlendWeights, HybridRecommender, Members
from igniteflow_core.recommendations.item_item import ItemItemModel
from igniteflow_core.recommendations.popularity import PopularityModel

FORMAT = "igniteflow-hybrid-recommender"
FORMAT_VERSION = 2
ARRAYS_FILE = "arrays.npz"
MANIFEST_FILE = "manifest.json"


def _arrays(recommender: HybridRecommender) -> dict[str, NDArray[np.generic]]:
    members, weights = recommender.members, recommender.weights
    return {
        "item_ids": recommender.item_ids,
        "popularity_counts": members.popularity.counts,
        "popularity_smoothing": np.array(members.popularity.smoothing),
        "popularity_segments": members.popularity.segments,
        "popularity_segment_counts": members.popularity.segment_counts,
        "popularity_prior": np.array(members.popularity.prior),
        "content_vectors": members.content.vectors,
        "als_item_factors": members.als.item_factors,
        "als_gram": members.als.gram,
        "als_reg_param": np.array(members.als.reg_param),
        "als_alpha": np.array(members.als.alpha),
        "item_item_head": members.item_item.head,
        "item_item_similarity": members.item_item.similarity,
        "weights_sizes": weights.sizes,
        "weights_known_items": weights.known_items,
        "weights_new_items": weights.new_items,
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def save_recommender(recommender: HybridRecommender, folder: Path) -> None:
    """Write ``arrays.npz`` and, last, ``manifest.json`` with its sha256 into ``folder``.

    Each file appears whole or not at all. Raises OSError if the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    arrays = _arrays(recommender)
    partial = folder / f"{ARRAYS_FILE}.partial"
    with partial.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    manifest = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "sha256": _sha256(partial),
        "arrays": {name: list(array.shape) for name, array in arrays.items()},
    }
    os.replace(partial, folder / ARRAYS_FILE)
    partial = folder / f"{MANIFEST_FILE}.partial"
    partial.write_text(json.dumps(manifest, indent=2), encoding="utf-8")
    os.replace(partial, folder / MANIFEST_FILE)


def _error(what: str, where: Path) -> ModelArtifactError:
    return ModelArtifactError(
        what,
        where=str(where),
        fix="fetch the model from the registry again, or train and save it with this version",
    )


def _checked_manifest(folder: Path) -> dict[str, list[int]]:
    """The shapes that the manifest promises, once format, version and sha256 are right."""
    manifest_file, arrays_file = folder / MANIFEST_FILE, folder / ARRAYS_FILE
    for path in (manifest_file, arrays_file):
        if not path.is_file():
            raise _error(f"the recommender lacks {path.name}", folder)
    try:
        manifest = json.loads(manifest_file.read_text(encoding="utf-8"))
        kind, version = manifest["format"], manifest["format_version"]
        digest, shapes = manifest["sha256"], manifest["arrays"]
    except (ValueError, KeyError, TypeError) as error:
        raise _error(f"the manifest cannot be read ({error!r})", manifest_file) from error
    if (kind, version) != (FORMAT, FORMAT_VERSION):
        raise _error(
            f"the format is {kind!r} version {version!r}, wanted {FORMAT!r} version"
            f" {FORMAT_VERSION}",
            manifest_file,
        )
    if _sha256(arrays_file) != digest:
        raise _error("the arrays do not have the sha256 of the manifest", arrays_file)
    return dict(shapes)


def load_recommender(folder: Path) -> HybridRecommender:
    """Read what ``save_recommender`` wrote; needs neither Spark nor pickle.

    Raises:
        ModelArtifactError: a file is missing, altered, incomplete or of another format version.
    """
    shapes = _checked_manifest(folder)
    path = folder / ARRAYS_FILE
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        if {name: list(array.shape) for name, array in arrays.items()} != shapes:
            raise _error("the arrays are not those of the manifest", path)
        return HybridRecommender(
            item_ids=arrays["item_ids"],
            members=Members(
                popularity=PopularityModel(
                    arrays["popularity_counts"],
                    float(arrays["popularity_smoothing"]),
                    arrays["popularity_segments"],
                    arrays["popularity_segment_counts"],
                    float(arrays["popularity_prior"]),
                ),
                content=ContentModel(arrays["content_vectors"]),
                als=AlsRanker(
                    arrays["als_item_factors"],
                    arrays["als_gram"],
                    float(arrays["als_reg_param"]),
                    float(arrays["als_alpha"]),
                ),
                item_item=ItemItemModel(
                    arrays["item_item_head"],
                    arrays["item_item_similarity"],
                    len(arrays["item_ids"]),
                ),
            ),
            weights=BlendWeights(
                arrays["weights_sizes"],
                arrays["weights_known_items"],
                arrays["weights_new_items"],
            ),
        )
    except (ValueError, KeyError, zipfile.BadZipFile) as error:
        raise _error(f"the arrays cannot be read ({error!r})", path) from error
