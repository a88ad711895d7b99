"""The business report as one self-contained page."""

from collections.abc import Mapping
from datetime import date

from matplotlib.figure import Figure

from igniteflow_core.business.plots import plot_alert_load, plot_experiments
from igniteflow_core.business.report import BusinessReport
from igniteflow_core.fraud.plots import performance_figure
from igniteflow_core.html import html_template
from igniteflow_core.images import figure_data_uri


def business_figures(report: BusinessReport) -> dict[str, Figure]:
    """The plots by name; experiments only where one has a lift."""
    figures = {
        "caught_and_missed": performance_figure(report.days),
        "alert_load": plot_alert_load(report.days),
    }
    if report.experiments["lift"].notna().any():
        figures["experiments"] = plot_experiments(report.experiments)
    return figures


def business_page(report: BusinessReport, figures: Mapping[str, Figure]) -> str:
    """HTML with the plots as inline images.

    Args:
        report: the report to render.
        figures: plots by name.
    """
    newest: date = report.days["event_date"].iloc[-1]
    images = {name: figure_data_uri(figure) for name, figure in figures.items()}
    return html_template("igniteflow_core.business", "business_page.html.j2").render(
        newest=newest,
        figures=report.figures(),
        days=report.days.iloc[::-1].to_dict("records"),
        lift=report.lift,
        experiments=report.experiments.to_dict("records"),
        models=report.models,
        images=images,
    )
