"""Whether two tables hold the same rows, in whatever order."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

EXACT = 1e-9
"""Relative: sums in another order."""
OF_MODELS = 1e-6


def assert_same_rows(
    first: pa.Table, second: pa.Table, name: str, tolerance: float = EXACT
) -> None:
    assert first.schema.names == second.schema.names, name
    assert first.num_rows == second.num_rows, name
    first, second = _sorted(first), _sorted(second)
    for column in first.schema.names:
        _assert_same_values(
            _whole(first[column]), _whole(second[column]), f"{name}.{column}", tolerance
        )


def _sorted(table: pa.Table) -> pa.Table:
    """By every column of one value a row, those that can be off by a rounding last."""
    names = [
        (pa.types.is_floating(field.type), position, field.name)
        for position, field in enumerate(table.schema)
        if not pa.types.is_nested(field.type)
    ]
    return table.sort_by([(name, "ascending") for _, _, name in sorted(names)])


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _assert_same_values(first: pa.Array, second: pa.Array, name: str, tolerance: float) -> None:
    assert first.type == second.type, name
    assert pc.is_null(first).equals(pc.is_null(second)), name
    if pa.types.is_list(first.type):
        assert pc.list_value_length(first).equals(pc.list_value_length(second)), name
        _assert_same_values(first.flatten(), second.flatten(), name, tolerance)
    elif pa.types.is_floating(first.type):
        np.testing.assert_allclose(
            first.to_numpy(zero_copy_only=False),
            second.to_numpy(zero_copy_only=False),
            rtol=tolerance,
            atol=tolerance,
            err_msg=name,
        )
    else:
        assert first.equals(second), name
