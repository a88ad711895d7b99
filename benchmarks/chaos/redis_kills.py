"""SIGKILL to Redis, which forgets everything, while cards and terminals are written to it."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from benchmarks.chaos.campaign import Campaign
from benchmarks.chaos.home import environment
from benchmarks.chaos.under_load import kill_under_load, killed_and_started
from igniteflow_core.config.load import load_settings
from igniteflow_core.online.connect import connect_online_store
from igniteflow_core.online.store import EntityKey
from tests.redis_server import redis_server

_FAULT = "kill Redis"


def redis_kills(campaign: Campaign) -> None:
    """Kill Redis; at the end it has to hold what the undisturbed run has stored."""
    home, reference = campaign.home, campaign.reference
    home.mkdir(parents=True)
    with redis_server(home) as server:
        variables = campaign.variables(
            LAKE__ROOT=str(reference.home / "lake"),
            ONLINE__BACKEND="redis",
            ONLINE__REDIS__PORT=str(server.port),
        )
        kill = killed_and_started(server, campaign.chance)
        start = campaign.runs_of(["online_features"], variables)
        kill_under_load(campaign, kill, _FAULT, ["online_features"], start)
        found = campaign.process.submit(_stored_differences, reference.home, variables)
        campaign.ledger.compared(_FAULT, found.result())


def _stored_differences(undisturbed: Path, variables: Mapping[str, str]) -> list[str]:
    """How the states of cards and terminals differ from those that an undisturbed run stored."""
    with closing(sqlite3.connect(undisturbed / "online.db")) as file:
        held = file.execute(
            "SELECT kind, entity_id, payload FROM states WHERE kind IN ('customer', 'terminal')"
        ).fetchall()
    with environment(variables), closing(connect_online_store(load_settings().online)) as store:
        found = store.read([EntityKey(kind, name) for kind, name, _ in held]).states
        counts = {kind: store.count(kind) for kind in ("customer", "terminal")}
    wrong = [
        f"{kind} {name} is not as in the undisturbed run"
        for (kind, name, payload), state in zip(held, found, strict=True)
        if state is None or state.payload != payload
    ]
    if sum(counts.values()) != len(held):
        wrong.append(f"{counts} states instead of {len(held)} altogether")
    return wrong[:5]
