"""What a user does: opens the Dagster UI, and clicks Materialize."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest
from playwright.sync_api import Page, sync_playwright

from igniteflow_core.config.settings import Settings
from tests.user_interface import user_interface

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
MATERIALIZED_WITHIN_SECONDS = 300

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]


@contextmanager
def browser_page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking",
                  "--disable-component-update", "--disable-sync"],
        )  # fmt: skip
        yield browser.new_page(viewport={"width": 1600, "height": 1000})
        browser.close()


def test_an_asset_is_materialized_by_a_click(workspace: Settings, tmp_path: Path):
    with user_interface(tmp_path) as address, browser_page() as page:
        page.goto(f"{address}/assets/customers")
        page.get_by_role("button", name="Materialize").click(timeout=60_000)
        # The quarantine is made of the same reading, which Dagster asks to confirm.
        page.get_by_role("button", name="Confirm").click(timeout=60_000)
        deadline = time.monotonic() + MATERIALIZED_WITHIN_SECONDS
        with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
            while not (runs := instance.get_runs()) or not runs[0].is_finished:
                assert time.monotonic() < deadline, (tmp_path / "ui.log").read_text()
                time.sleep(2)
            # The run succeeds only if the blocking quality check of the asset passes too.
            assert runs[0].is_success, (tmp_path / "ui.log").read_text()
            event = instance.get_latest_materialization_event(dg.AssetKey("customers"))
        assert event.asset_materialization.metadata["dagster/row_count"].value == 300
        page.goto(f"{address}/assets/customers")
        page.get_by_text("Row count").first.wait_for(timeout=60_000)
        page.get_by_text("data-platform").first.wait_for(timeout=60_000)
    assert Path(workspace.lake.root, "customers", "_delta_log").is_dir()
