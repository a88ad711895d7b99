import json
from io import BytesIO

import pytest
from matplotlib.figure import Figure
from pypdf import PdfReader

from igniteflow_core.audit.chain import AuditEntry, AuditEvent, chained
from igniteflow_core.audit.provenance import RegistryFacts, provenance
from igniteflow_core.audit.report import compliance_report
from igniteflow_core.images import figure_data_uri, png_of_data_uri
from igniteflow_core.pages.blocks import Table, Text, blocks_of
from igniteflow_core.pages.pdf import pdf_of

FACTS = RegistryFacts(
    model="fraud_ensemble",
    version="2",
    aliases=["champion"],
    tags={
        "delta.transactions": "4", "trained_from": "2025-01-01", "trained_to": "2025-01-28",
        "average_precision": "0.81", "promotion": "promoted", "promotion_reason": "AP <+0.02>",
    },
    mlflow_run_id="tracked",
    run_id="training",
    assets=frozenset({"fraud_model", "fraud_champion"}),
)  # fmt: skip


def event(number, subject, run_id, facts, *, model_version=None, event="materialized"):
    return AuditEvent(
        event_id=str(number), happened_at=1_700_000_000_000_000 + number, event=event,
        subject=subject, run_id=run_id, job="job", actor=f"schedule of {run_id}",
        code_version="abc", model_version=model_version, facts=json.dumps(facts),
    )  # fmt: skip


@pytest.fixture
def log() -> list[AuditEntry]:
    return chained(
        [
            event(1, "transactions", "older", {"delta_version": 3}),
            event(2, "transactions", "ingestion", {"delta_version": 4}),
            event(3, "transactions: amounts", "ingestion", {}, event="check passed"),
            event(4, "transactions: ids", "ingestion", {}, event="check failed"),
            event(5, "transactions: amounts", "older", {}, event="check failed"),
            event(6, "fraud_model", "training", {}, model_version="2"),
            event(7, "hybrid_recommender", "training", {}, model_version="2"),
            event(8, "fraud_champion", "training", {"reason": "better"}, model_version="2"),
            event(9, "fraud_champion", "training", {}, model_version="1"),
            event(10, "feature_drift", "daily", {"drift_detected": True, "largest_psi": 0.21}),
        ],
        None,
    )


def test_a_version_leads_back_to_the_tables_it_read_and_the_checks_of_that_run(log):
    (table,) = provenance(FACTS, log).tables
    assert (table.name, table.delta_version, table.written_by) == ("transactions", 4, "ingestion")
    assert table.checks == {"amounts": True, "ids": False}


def test_its_history_is_of_this_model_and_this_version_alone(log):
    model = provenance(FACTS, log)
    assert [entry.sequence for entry in model.history] == [6, 8]
    assert (model.trained_by, model.code_version) == ("schedule of training", "abc")
    assert model.broken is None


def test_a_table_version_that_the_log_does_not_hold_is_said_not_guessed(log):
    (table,) = provenance(FACTS, log[:1]).tables
    assert (table.written_by, table.checks) == (None, {})


def test_the_report_shows_all_of_it_and_escapes_what_it_is_told(log):
    page = compliance_report(
        provenance(FACTS, log),
        {"precision_recall": b"\x89PNG"},
        {"segments": [{"segment": "night", "recall": 0.51234}]},
    )
    for expected in (
        "fraud_ensemble, version 2", "AP &lt;+0.02&gt;", "2025-01-01 to 2025-01-28", "0.81",
        "amounts: passed", "ids: failed", "0.5123", "data:image/png;base64,iVBORw", "0.210",
        "schedule of training", "audit log is intact",
    ):  # fmt: skip
        assert expected in page, expected


def test_the_report_as_pdf_tells_what_the_page_tells(log):
    figure = Figure(figsize=(2, 1))
    figure.subplots()
    image = png_of_data_uri(figure_data_uri(figure))
    segments = [{"segment": "night", "recall": 0.51234}]
    page = compliance_report(provenance(FACTS, log), {"lift": image}, {"segments": segments})
    pages = PdfReader(BytesIO(pdf_of(page))).pages
    text = "".join("".join(sheet.extract_text().split()) for sheet in pages)
    for block in blocks_of(page):
        if isinstance(block, Text):
            assert "".join(block.text.split()) in text
        if isinstance(block, Table):
            for cell in (cell for row in block.rows for cell in row):
                assert "".join(cell.text.split()) in text
    for expected in ("fraud_ensemble,version2", "AP<+0.02>", "ids:failed", "0.5123", "0.210"):
        assert expected in text, expected
    assert sum(len(sheet.images) for sheet in pages) == 1


def test_the_report_says_where_the_log_was_altered(log):
    page = compliance_report(provenance(FACTS, log[1:]), {}, {})
    assert "The audit log was altered: entry 1 is missing" in page
