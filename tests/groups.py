"""Which tests one process does, and which of these groups begin first.

Tests of one folder share a Spark session and what it has computed, so they are one group. What
waits for long, or for others, is a group of its own, so that other processes do the rest meanwhile.
"""

from pathlib import PurePath

import pytest

OF_FIXTURE = {"kubernetes_api": "deployment/kubernetes"}
OWN_GROUPS = (
    "assets/test_bad_input",
    "assets/test_cluster",
    "assets/test_definitions",
    "assets/test_kill_retraining",
    "assets/test_lake_upkeep",
    "assets/test_late_days",
    "assets/test_order",
    "benchmarks/test_chaos",
    "cli/test_demo",
    "resources/stream/test_kill",
)
"""Modules that share no more than a Spark session with their folder."""

FIRST = (
    "deployment/kubernetes",
    "assets",
    "benchmarks/test_chaos",
    "assets/test_cluster",
    "cli/test_demo",
    "resources/stream/test_kill",
    "resources/stream",
    "assets/test_kill_retraining",
    "core/values",
)
"""Those that take longest; the very first also builds what it starts, once a machine.

``assets`` runs the graph once, for itself and for a few of the later ones, which would wait for it.

A process is given its next group when it has two tests left. So one of a few minutes with a single
test is followed by a quick one, which no other process waits for.
"""


def group(item: pytest.Item, module: PurePath) -> str:
    """The group of a test of the module, whose path begins at the folder of all tests."""
    for fixture, name in OF_FIXTURE.items():
        if fixture in getattr(item, "fixturenames", ()):
            return name
    if str(module.with_suffix("")) in OWN_GROUPS:
        return str(module.with_suffix(""))
    return "/".join(module.parent.parts[:2])


def place(item: pytest.Item) -> int:
    """Where a test comes that has its group, in ascending order: the small groups are the last."""
    marker = item.get_closest_marker("xdist_group")
    name = marker.args[0] if marker else ""
    if name in FIRST:
        return FIRST.index(name)
    return len(FIRST) + name.startswith("core")
