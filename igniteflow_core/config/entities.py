"""Which entities the settings may declare."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from igniteflow_core.config.fraud import EntitySettings
from igniteflow_core.schemas.own_columns import CATEGORIES, OwnColumns, name_fault

_IDS: Final = ("customer_id", "terminal_id")
_BUILT_IN: Final = frozenset({"customer", "terminal"})


def entity_faults(entities: Sequence[EntitySettings], own: OwnColumns) -> list[str]:
    """Why these entities cannot be declared beside these columns; empty if they can."""
    if not entities:
        return []
    names = Counter(entity.name for entity in entities)
    faults = [f"{name!r}: {fault}" for name in names if (fault := _name_fault(name)) is not None]
    faults += [f"{name!r} is declared twice" for name, count in names.items() if count > 1]
    for entity in entities:
        faults += [f"{entity.name!r}: {fault}" for fault in _column_faults(entity, own)]
    return faults or _names_that_are_taken(entities, own)


def _name_fault(name: str) -> str | None:
    if name in _BUILT_IN:
        return "customers and terminals have features without a declaration"
    return name_fault(name)


def _column_faults(entity: EntitySettings, own: OwnColumns) -> Iterable[str]:
    columns = [*entity.columns, *([entity.distinct] if entity.distinct else [])]
    for name in columns:
        if name not in _IDS and (name not in own or own[name].type not in CATEGORIES):
            yield (
                f"{name!r} is neither customer_id, terminal_id nor a column of sources.own_columns "
                f"of type {', '.join(CATEGORIES)}"
            )
    if len(set(columns)) < len(columns):
        yield "a column is named twice"


def _names_that_are_taken(entities: Sequence[EntitySettings], own: OwnColumns) -> list[str]:
    # Imported here because it loads the feature code, which settings without entities do not need.
    from igniteflow_core.features.declared import declared_features  # noqa: PLC0415

    names = Counter(feature.name for feature in declared_features(entities))
    names.update(own.keys())
    names.update(f"{name}{end}" for name, column in own.items() for end in column.suffixes if end)
    return [f"two columns would be named {name!r}" for name, count in names.items() if count > 1]
