"""A run as one self-contained page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from igniteflow_core.html import html_template


@dataclass(frozen=True)
class StepLine:
    """A step of the run.

    Attributes:
        title: title of the step.
        state: ``warned`` if one of its checks failed with the severity of a warning.
        seconds: duration in seconds.
        rows: number of written rows, by the table's name.
    """

    title: str
    state: Literal["done", "warned", "failed", "running"]
    seconds: float | None
    rows: Mapping[str, int]


@dataclass(frozen=True)
class RunSummary:
    """The content of the page.

    Attributes:
        name: name of the job.
        facts: facts such as the run's id and its state, by name.
        figures: newest figures of the platform, as text by name.
        steps: steps in the order in which they began.
        plots: plots of the run's assets: addresses of images by name, by asset.
    """

    name: str
    facts: Mapping[str, str]
    figures: Mapping[str, str]
    steps: Sequence[StepLine]
    plots: Mapping[str, Mapping[str, str]]


def run_page(summary: RunSummary) -> str:
    """HTML with the plots as inline images."""
    return html_template("igniteflow_core.runs", "run_page.html.j2").render(summary=summary)
