"""``igniteflow generate``: writes a simulated sample for users without data."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.console import Console
from rich.progress import Progress

from igniteflow_core.config.load import load_settings
from igniteflow_core.config.settings import Settings
from igniteflow_core.errors import ConfigurationError
from igniteflow_core.simulation.dataset import SimulatedDataset, write_dataset
from igniteflow_core.simulation.scenarios import Scenario, ScenarioName
from igniteflow_core.simulation.settings import SimulationSettings


def generate(
    scale: Annotated[
        float, typer.Option(help="1 is 1,000 customers and 2,000 users", min=0.1)
    ] = 1.0,
    seed: Annotated[int, typer.Option(help="Another seed gives other data")] = 7,
    scenario: Annotated[
        str | None, typer.Option(help=f"Scenario: {', '.join(get_args(ScenarioName))}")
    ] = None,
    start: Annotated[
        datetime | None,
        typer.Option("--from", help="First day of the scenario", formats=["%Y-%m-%d"]),
    ] = None,
) -> None:
    """Write simulated transactions, customers, terminals, ratings, users and items.

    The files are written to the configured folder of the sources, with one file of transactions per
    day of the configured partitions.
    """
    settings = load_settings()
    root = Path(settings.sources.root)
    simulation = simulation_settings(settings, scale, seed).model_copy(
        update={"scenarios": chosen_scenarios(scenario, start)}
    )
    dataset = _write(root, simulation)
    Console().print(
        f"[green]✓[/] Simulated data in {root}: {dataset.transactions:,} transactions "
        f"({dataset.frauds:,} frauds, plus {dataset.bad_rows:,} bad rows), "
        f"{dataset.ratings:,} ratings",
        soft_wrap=True,
    )


def chosen_scenarios(name: str | None, start: datetime | None) -> tuple[Scenario, ...]:
    """Return the scenario with this name and first day, or an empty tuple if both are None.

    Raises:
        ConfigurationError: one is given without the other, or the scenario does not exist.
    """
    if name is None and start is None:
        return ()
    if name not in get_args(ScenarioName) or start is None:
        raise ConfigurationError(
            f"a scenario requires a known name and a first day, not {name} and {start}",
            where="igniteflow generate --scenario NAME --from DAY",
            fix=f"give one of {', '.join(get_args(ScenarioName))}, and a day such as 2025-03-01",
        )
    return (Scenario.model_validate({"name": name, "start": start.date()}),)


def generate_if_missing(scale: float) -> None:
    """Simulate data if the folder of the sources does not exist."""
    root = load_settings().sources.root
    if "://" in root or Path(root).exists():
        Console().print(f"[green]✓[/] Using the data in {root}", soft_wrap=True)
    else:
        generate(scale)


def simulation_settings(settings: Settings, scale: float, seed: int) -> SimulationSettings:
    """Return the settings of the simulation for the days of the configured partitions.

    Raises:
        ConfigurationError: the partitions have no last day.
    """
    days = settings.partitions
    if days.end_date is None:
        raise ConfigurationError(
            "simulated data requires a last day",
            where="partitions.end_date",
            fix="set it, or use the environment local",
        )
    default = SimulationSettings()
    return SimulationSettings(
        seed=seed,
        start_date=days.start_date,
        days=(days.end_date - days.start_date).days + 1,
        customers=round(default.customers * scale),
        terminals=round(default.terminals * scale),
        users=round(default.users * scale),
        items=round(default.items * scale),
        ratings=round(default.ratings * scale),
    )


def _write(root: Path, settings: SimulationSettings) -> SimulatedDataset:
    console = Console()
    with Progress(transient=True, console=console, disable=not console.is_terminal) as progress:
        bars = {}

        def advance(table: str, done: int, total: int) -> None:
            if table not in bars:
                bars[table] = progress.add_task(f"Simulating {table}", total=total)
            progress.update(bars[table], completed=done)

        return write_dataset(root, settings, advance)
