"""The kind of each test: by the folder that it is in, unless the test or its module names one."""

from collections.abc import Sequence

import pytest

KINDS = ("unit", "integration", "contract", "performance")

OF_FOLDER = {
    "core": "unit",
    "deployment": "contract",
    "docs": "contract",
    "specification": "contract",
    "monitoring": "contract",
    "benchmarks": "performance",
}
_NOT_OF_A_UNIT = ("spark", "slow", "browser")


def kind(item: pytest.Item, folders: Sequence[str]) -> str:
    """One of ``KINDS``; ``folders`` lead to the test from that of all tests."""
    for name in KINDS:
        if item.get_closest_marker(name):
            return name
    found = OF_FOLDER.get(folders[0] if folders else "", "integration")
    if found == "unit" and any(item.get_closest_marker(name) for name in _NOT_OF_A_UNIT):
        return "integration"
    return found
