"""The drift report as one self-contained page."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from igniteflow_core.drift.report import DriftReport
from igniteflow_core.html import html_template
from igniteflow_core.images import figure_data_uri


def drift_page(
    title: str, report: DriftReport, facts: Mapping[str, str], figures: Mapping[str, Figure]
) -> str:
    """HTML with the plots as inline images.

    Args:
        title: heading of the page.
        report: the drift report.
        facts: further facts to show, such as the days compared, by name.
        figures: plots by name.
    """
    images = {name: figure_data_uri(figure) for name, figure in figures.items()}
    return html_template("igniteflow_core.drift", "drift_page.html.j2").render(
        title=title, report=report, facts=facts, images=images
    )
