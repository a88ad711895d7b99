"""The hybrid recommender on disk: plain arrays and a manifest, loaded without running code."""

import hashlib
import json
import os
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from igniteflow_core.artifact_files import ArtifactFiles
from igniteflow_core.recommendations.blend import BlendWeights
from igniteflow_core.recommendations.content import ContentModel
from igniteflow_core.recommendations.factors import AlsRanker
from igniteflow_core.recommendations.hybrid import HybridRecommender
from igniteflow_core.recommendations.item_item import ItemItemModel, PlacedItems
from igniteflow_core.recommendations.members import Members
from igniteflow_core.recommendations.popularity import PopularityModel

FORMAT_VERSION = 3
ARRAYS_FILE = "arrays.npz"
MANIFEST_FILE = "manifest.json"

_FILES = ArtifactFiles(
    fix="fetch the model from the registry again, or train and save it with this version"
)


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
        "item_item_placed": members.item_item.placed.items,
        "item_item_taste": members.item_item.placed.taste,
        "item_item_placed_vectors": members.item_item.placed.vectors,
        "weights_sizes": weights.sizes,
        "weights_known_items": weights.known_items,
        "weights_new_items": weights.new_items,
    }


def save_recommender(recommender: HybridRecommender, folder: Path) -> None:
    """Write ``arrays.npz`` and, last, ``manifest.json`` with its sha256 into ``folder``.

    Each file is written atomically. Raises OSError if the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    arrays = _arrays(recommender)
    content = BytesIO()
    np.savez(content, allow_pickle=False, **arrays)
    manifest = {
        "format_version": FORMAT_VERSION,
        "sha256": hashlib.sha256(content.getbuffer()).hexdigest(),
        "arrays": {name: list(array.shape) for name, array in arrays.items()},
    }
    _write_whole(folder / ARRAYS_FILE, content.getbuffer())
    _write_whole(folder / MANIFEST_FILE, json.dumps(manifest, indent=2).encode())


def _write_whole(path: Path, content: bytes | memoryview) -> None:
    partial = path.with_name(f"{path.name}.partial")
    partial.write_bytes(content)
    os.replace(partial, path)


def load_recommender(folder: Path) -> HybridRecommender:
    """Read the files of ``save_recommender``, without Spark or pickle.

    Raises:
        ModelArtifactError: a file is missing, altered, incomplete or of another format version.
    """
    manifest = json.loads(_FILES.manifest(folder / MANIFEST_FILE, FORMAT_VERSION))
    path = folder / ARRAYS_FILE
    content = _FILES.verified(path, manifest.get("sha256"))
    arrays = _FILES.arrays(path, content)
    try:
        if {name: list(array.shape) for name, array in arrays.items()} != manifest["arrays"]:
            raise _FILES.broken(path, "the arrays are not those of the manifest")
        return _recommender(arrays)
    except (ValueError, KeyError) as error:
        raise _FILES.broken(path, f"the arrays cannot be read ({error!r})") from error


def _recommender(arrays: dict[str, NDArray[Any]]) -> HybridRecommender:
    placed = PlacedItems(
        arrays["item_item_placed"], arrays["item_item_taste"], arrays["item_item_placed_vectors"]
    )
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
                placed,
            ),
        ),
        weights=BlendWeights(
            arrays["weights_sizes"],
            arrays["weights_known_items"],
            arrays["weights_new_items"],
        ),
    )
