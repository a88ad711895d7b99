"""A run as one page that needs nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from igniteflow_core.html import html_template


@dataclass(frozen=True)
class StepLine:
    """A step of the run.

    Attributes:
        title: what it did.
        state: ``warned`` if a check of it failed that only warns.
        seconds: how long it took.
        rows: written, by the table's name.
    """

    title: str
    state: Literal["done", "warned", "failed", "running"]
    seconds: float | None
    rows: Mapping[str, int]


@dataclass(frozen=True)
class RunSummary:
    """What the page tells.

    Attributes:
        name: of the job.
        facts: such as the run's id and its state, by name.
        figures: the newest ones of the platform, as text by name.
        steps: in the order in which they began.
        plots: of the run's assets: addresses of images by name, by asset.
    """

    name: str
    facts: Mapping[str, str]
    figures: Mapping[str, str]
    steps: Sequence[StepLine]
    plots: Mapping[str, Mapping[str, str]]


def run_page(summary: RunSummary) -> str:
    """HTML with the plots as inline images."""
    return html_template("igniteflow_core.runs", "run_page.html.j2").render(summary=summary)
