"""XGBoost trained by two executors is as good as in one process, and saved the same way."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from igniteflow_core.fraud.artifact import load_ensemble
from igniteflow_core.fraud.metrics import average_precision
from igniteflow_core.fraud.training import rows_of, train_ensemble
from igniteflow_core.fraud.windows import chronological_windows

from .test_prequential import LAST_DAY, SETTINGS
from .worlds import OWN, training_frame, with_devices

ROOT = Path(__file__).parents[3]


@pytest.mark.spark
@pytest.mark.slow
def test_two_executors_train_an_ensemble_as_good_as_one_process(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tests.core.fraud.train_on_cluster", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    # Each has one core, and both workers of XGBoost run at once: so each trained one half.
    assert json.loads((tmp_path / "report.json").read_text())["executors"] == 2

    frame = with_devices(training_frame(27, rows_per_day=600))
    windows = chronological_windows(LAST_DAY, SETTINGS)
    test = rows_of(frame, windows.test)
    labels = test["is_fraud"].to_numpy()
    distributed = load_ensemble(tmp_path / "ensemble")
    local = train_ensemble(frame, windows, SETTINGS, OWN)
    assert distributed.inputs.own_types == local.inputs.own_types == {"device": "categorical"}
    assert distributed.feature_names == local.feature_names
    quality = {
        name: average_precision(ensemble.predict_proba(test), labels)
        for name, ensemble in (("local", local), ("distributed", distributed))
    }
    assert quality["local"] > 0.3
    assert quality["distributed"] == pytest.approx(quality["local"], abs=0.08)
