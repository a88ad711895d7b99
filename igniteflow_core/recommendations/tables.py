"""Conversion of learned vectors to tables and back."""

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from igniteflow_core.recommendations.content import ContentModel
from igniteflow_core.recommendations.factors import AlsModel
from igniteflow_core.recommendations.ranking import NO_ITEM
from igniteflow_core.recommendations.similar_items import SimilarItems
from igniteflow_core.schemas.interactions import SIMILAR_ITEMS
from igniteflow_core.schemas.models import ALS_MODEL, CONTENT_MODEL


def als_table(spark: SparkSession, model: AlsModel) -> DataFrame:
    """The factors as the table ALS_MODEL."""
    rows = pd.concat(
        pd.DataFrame({"entity": entity, "entity_id": ids, "factors": list(factors)})
        for entity, ids, factors in (
            ("user", model.user_ids, model.user_factors),
            ("item", model.item_ids, model.item_factors),
        )
    )
    return spark.createDataFrame(rows, ALS_MODEL.ddl)


def als_from_table(table: DataFrame) -> AlsModel:
    """The model from the result of ``als_table``."""
    user_ids, user_factors = _vectors(table.where("entity = 'user'"), "entity_id", "factors")
    item_ids, item_factors = _vectors(table.where("entity = 'item'"), "entity_id", "factors")
    return AlsModel(user_ids, user_factors, item_ids, item_factors)


def content_table(
    spark: SparkSession, item_ids: NDArray[np.str_], content: ContentModel
) -> DataFrame:
    """The item vectors as the table CONTENT_MODEL; ``item_ids`` (items,) in their order."""
    rows = pd.DataFrame({"item_id": item_ids, "vector": list(content.vectors)})
    return spark.createDataFrame(rows, CONTENT_MODEL.ddl)


def content_from_table(table: DataFrame) -> tuple[NDArray[np.str_], ContentModel]:
    """The sorted item ids (items,) and the model from the result of ``content_table``."""
    item_ids, vectors = _vectors(table, "item_id", "vector")
    return item_ids, ContentModel(vectors)


def _vectors(
    table: DataFrame, id_column: str, vector_column: str
) -> tuple[NDArray[np.str_], NDArray[np.float32]]:
    rows = table.select(F.col(id_column), F.col(vector_column)).orderBy(id_column).toArrow()
    ids = np.array(rows[id_column].to_pylist(), dtype=np.str_)
    flat = rows[vector_column].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return ids, flat.reshape(len(ids), -1).astype(np.float32)


def similar_items_table(
    spark: SparkSession, item_ids: NDArray[np.str_], similar: SimilarItems, model_version: str
) -> DataFrame:
    """The lists as the table SIMILAR_ITEMS; ``item_ids`` (items,) the catalogue."""
    item, place = np.nonzero(similar.items != NO_ITEM)
    rows = pa.table(
        {
            "item_id": pa.array(item_ids[item].tolist(), pa.string()),
            "rank": pa.array(place + 1, pa.int32()),
            "similar_item_id": pa.array(item_ids[similar.items[item, place]].tolist(), pa.string()),
            "score": pa.array(similar.scores[item, place].astype(np.float64)),
            "model_version": pa.array([model_version] * len(item), pa.string()),
        }
    )
    return spark.createDataFrame(rows, SIMILAR_ITEMS.ddl)
