"""The compliance report of a model: one self-contained HTML page."""

from collections.abc import Mapping
from datetime import UTC, datetime

from igniteflow_core.audit.chain import AuditEntry
from igniteflow_core.audit.provenance import ModelProvenance, facts_of
from igniteflow_core.html import html_template
from igniteflow_core.images import png_data_uri


def compliance_report(
    model: ModelProvenance,
    plots: Mapping[str, bytes],
    tables: Mapping[str, list[dict[str, object]]],
) -> str:
    """Render the page.

    Args:
        model: provenance of the version.
        plots: PNG images of its evaluation, by name.
        tables: rows of its evaluation's tables, by name: comparison, segments.
    """
    return html_template("igniteflow_core.audit", "report.html.j2").render(
        model=model,
        metrics=_metrics(model.tags),
        plots={name: png_data_uri(image) for name, image in plots.items()},
        tables=tables,
        when=lambda entry: f"{moment(entry):%Y-%m-%d %H:%M:%S} UTC",
        facts_of=facts_of,
    )


def moment(entry: AuditEntry) -> datetime:
    """When the event happened."""
    return datetime.fromtimestamp(entry.happened_at / 1e6, UTC)


def _metrics(tags: Mapping[str, str]) -> dict[str, float]:
    metrics = {}
    for name, value in tags.items():
        if not name.startswith("delta."):
            try:
                metrics[name] = float(value)
            except ValueError:
                continue
    return metrics
