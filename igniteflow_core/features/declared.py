"""The features and keys of the entities that the settings declare."""

from collections.abc import Iterable

from igniteflow_core.config.fraud import EntitySettings
from igniteflow_core.decisions.columns import Vocabulary
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.features.feature import Feature
from igniteflow_core.features.own_entities import KeyColumn, OwnEntities, OwnEntity
from igniteflow_core.features.own_features import own_features
from igniteflow_core.schemas.own_columns import OwnColumns
from igniteflow_core.values.categories import CATEGORY_TYPES


def declared_entities(entities: Iterable[EntitySettings], own: OwnColumns) -> OwnEntities:
    """The entities, with the types of the own columns that identify them."""
    return tuple(
        OwnEntity(
            entity.name,
            tuple(_key_column(name, own) for name in entity.columns),
            None if entity.distinct is None else _key_column(entity.distinct, own),
        )
        for entity in entities
    )


def declared_features(entities: Iterable[EntitySettings]) -> tuple[Feature, ...]:
    """The features of the entities, in their order."""
    return tuple(
        feature for entity in entities for feature in own_features(entity.name, entity.distinct)
    )


def feature_names(entities: Iterable[EntitySettings]) -> tuple[str, ...]:
    """The names of all features: the built-in ones and those of the entities."""
    return (*FEATURE_NAMES, *(feature.name for feature in declared_features(entities)))


def vocabulary(entities: Iterable[EntitySettings], own: OwnColumns) -> Vocabulary:
    """What the rules and lists of a decision policy may name."""
    return Vocabulary(own, declared_entities(entities, own))


def _key_column(name: str, own: OwnColumns) -> KeyColumn:
    column = own.get(name)
    return KeyColumn(name, None if column is None else CATEGORY_TYPES[column.type])
