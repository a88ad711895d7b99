import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from igniteflow_cli.main import commands
from igniteflow_core.errors import ConfigurationError
from tests.workspace import set_variables, workspace_variables

pytestmark = [pytest.mark.spark, pytest.mark.slow]

ROWS = [
    "step,type,amount,nameOrig,nameDest,isFraud,oldBalance,isFlaggedFraud",
    *(
        f"{n},{'PAYMENT' if n % 3 else 'CASH_OUT'},{n}.64,C{n % 2},M{n % 3},{int(n == 5)},{n}.5,0"
        for n in range(37)
    ),
    "30,PAYMENT,37.64,C1,M1,0,unknown to us,0",
    "30,TRANSFER,none of it,C2,M3,0,1.5,1",
]


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    path = tmp_path / "mobile_money.csv"
    path.write_text("\n".join(ROWS))
    return path


def connect(*arguments: object, answers: str = "") -> str:
    result = CliRunner().invoke(commands, ["connect", *map(str, arguments)], input=answers)
    assert result.exit_code == 0, result.output
    return result.output


def test_an_undescribed_file_gets_settings_that_pass_the_check(
    exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = tmp_path / "out" / "settings.json"
    shown = connect(exported, "--out", file, "--yes")
    assert "rows: 39, kept: 38, quarantined: invalid_amount: 1" in shown
    # A number that is none in one row would have that row quarantined.
    assert "Columns that are not used: oldBalance (1 of its values are not numeric)" in shown
    assert "Columns that are not used: isFlaggedFraud (it may leak the label" in shown
    settings = json.loads(file.read_text())
    assert settings["sources"]["own_columns"] == {"type": {"type": "categorical"}}
    assert settings["sources"]["transactions"]["columns"]["customer_id"] == "nameOrig"
    assert settings["partitions"] == {"start_date": "2025-01-01", "end_date": "2025-01-02"}
    assert "data:image/png" in file.with_suffix(".html").read_text()
    monkeypatch.setenv("IGNITEFLOW_CONFIG_PATH", str(file))
    result = CliRunner().invoke(commands, ["config", "check"])
    assert result.exit_code == 0, result.output


def test_a_table_that_does_not_exist_is_refused(exported: Path):
    result = CliRunner().invoke(commands, ["connect", str(exported), "--as", "payments"])
    assert isinstance(result.exception, ConfigurationError)
    assert "there is no table 'payments'" in str(result.exception)


def test_what_the_file_cannot_say_is_asked(exported: Path, tmp_path: Path):
    file = tmp_path / "settings.json"
    file.write_text("{}")
    answers = "days\n2024-02-01T00:00:00\nAfrica/Nairobi\n"
    connect(exported, "--out", file, answers=f"{answers}n\n")
    assert file.read_text() == "{}"
    connect(exported, "--out", file, answers=f"{answers}y\n")
    settings = json.loads(file.read_text())
    assert settings["sources"]["time_zone"] == "Africa/Nairobi"
    assert settings["sources"]["transactions"]["times"] == {
        "unit": "days",
        "origin": "2024-02-01T00:00:00",
    }
    assert settings["partitions"]["end_date"] == "2024-03-08"


def test_a_run_by_the_proposed_settings_keeps_the_rows_and_derives_who_is_in_them(
    exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = tmp_path / "settings.json"
    connect(exported, "--out", file, "--yes")
    set_variables(monkeypatch, workspace_variables(tmp_path, tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setenv("IGNITEFLOW_CONFIG_PATH", str(file))
    command = [sys.executable, "-m", "igniteflow_cli", "run", "--job", "ingestion_job"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    shown = ended.stdout
    assert "Running ingestion_job for 2025-01-01 to 2025-01-02" in shown
    lake = tmp_path / "lake"
    assert rows(lake / "transactions") == 38
    assert rows(lake / "quarantined_transactions") == 1
    table = pq.read_table(lake / "transactions", columns=["type"], partitioning=None)
    types = table["type"].to_pylist()
    assert (types.count("CASH_OUT"), types.count("PAYMENT")) == (13, 25)
    assert sorted(pq.read_table(lake / "customers")["customer_id"].to_pylist()) == ["C0", "C1"]
    assert sorted(pq.read_table(lake / "terminals")["terminal_id"].to_pylist()) == [
        "M0",
        "M1",
        "M2",
    ]


def rows(table: Path) -> int:
    return sum(pq.read_metadata(file).num_rows for file in table.rglob("*.parquet"))
