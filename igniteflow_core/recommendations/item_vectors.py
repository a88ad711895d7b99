"""Item vectors from the catalogue's categories and titles, independent of likes."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from igniteflow_core.config.recommendations import ContentSettings


def _weighted_terms(
    documents: Sequence[object], vectorizer: TfidfVectorizer
) -> sparse.csr_array | None:
    """TF-IDF rows of unit length; None if no document has a term."""
    analyze = vectorizer.build_analyzer()
    if not any(analyze(document) for document in documents):
        return None
    return sparse.csr_array(vectorizer.fit_transform(documents))


def item_vectors(
    items: pa.Table, item_ids: NDArray[np.str_], settings: ContentSettings, seed: int
) -> NDArray[np.float32]:
    """Embed the items of the catalogue in a space in which similar items are close.

    Categories are multi-hot and weighted by inverse document frequency, titles are TF-IDF (Spärck
    Jones, 1972). The two are joined with ``category_share`` and reduced by a truncated singular
    value decomposition (latent semantic analysis; Deerwester et al., 1990).

    Args:
        items: the ITEMS table, one row per item; rows of items outside ``item_ids`` are not used.
        item_ids: (items,) the catalogue, sorted and unique.
        settings: category share, number of title terms, and length of the vectors.
        seed: seed of the randomised decomposition.

    Returns:
        (items, dimensions) of unit length, with fewer dimensions if there are fewer terms; a row
        of zeros for an item that has neither categories nor title terms.
    """
    position = pc.index_in(pa.array(item_ids.tolist(), pa.string()), value_set=items["item_id"])
    catalogue = items.take(position)
    categories = [value or [] for value in catalogue["categories"].to_pylist()]
    titles = [value or "" for value in catalogue["title"].to_pylist()]
    blocks = (
        (categories, settings.category_share, TfidfVectorizer(analyzer=list, binary=True)),
        (
            titles,
            1.0 - settings.category_share,
            TfidfVectorizer(max_features=settings.max_title_terms, stop_words="english"),
        ),
    )
    parts = [
        np.sqrt(share) * terms
        for documents, share, vectorizer in blocks
        if share > 0 and (terms := _weighted_terms(documents, vectorizer)) is not None
    ]
    if not parts:
        return np.zeros((len(item_ids), 1), dtype=np.float32)
    terms = normalize(sparse.csr_array(sparse.hstack(parts)))
    if min(terms.shape) <= settings.dimensions:
        return np.asarray(terms.toarray(), dtype=np.float32)
    reduced = TruncatedSVD(settings.dimensions, random_state=seed).fit_transform(terms)
    return np.asarray(normalize(reduced), dtype=np.float32)
