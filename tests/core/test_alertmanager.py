"""Alertmanager's configuration, from the settings."""

import json
import shutil
import subprocess

import pytest
import yaml

from igniteflow_core.alerting.alertmanager import INHIBITIONS, alertmanager_config
from igniteflow_core.config.alerts import AlertSettings
from tests.servers import ROOT, from_debian, installed

MAIL = {
    "to": ["risk@example.com", "ops@example.com"],
    "sender": "igniteflow@example.com",
    "smarthost": "smtp.example.com:587",
    "user": "igniteflow",
    "password": "of mail",  # pragma: allowlist secret
}
ALL = AlertSettings.model_validate(
    {
        "mail": MAIL,
        "slack": {"channel": "#alerts", "url": "https://hooks.example.com/of-slack"},
        "webhook": {"url": "https://pager.example.com/of-pager", "severities": ["critical"]},
    }
)


def test_each_channel_gets_the_alerts_of_its_severities():
    config = alertmanager_config(ALL)
    assert {route["receiver"]: route["matchers"] for route in config["route"]["routes"]} == {
        "mail": ['severity=~"critical|warning"'],
        "slack": ['severity=~"critical|warning"'],
        "webhook": ['severity=~"critical"'],
    }
    assert all(route["continue"] for route in config["route"]["routes"])
    receivers = {receiver["name"]: receiver for receiver in config["receivers"]}
    assert receivers["mail"]["email_configs"][0]["to"] == "risk@example.com, ops@example.com"
    assert receivers["webhook"]["webhook_configs"] == [
        {"url": "https://pager.example.com/of-pager"}
    ]


def test_without_a_channel_nobody_is_notified():
    config = alertmanager_config(AlertSettings())
    assert config["route"]["routes"] == []
    assert config["receivers"] == [{"name": config["route"]["receiver"]}]


def test_secrets_of_channels_are_masked_where_settings_are_shown():
    shown = ALL.model_dump_json()
    assert not any(secret in shown for secret in ("of mail", "of-slack", "of-pager"))


def test_an_outage_explains_alerts_that_there_are_and_never_itself():
    files = (ROOT / "helm/igniteflow/rules").glob("*.yaml")
    groups = [group for file in files for group in yaml.safe_load(file.read_text())["groups"]]
    known = {rule["alert"] for group in groups for rule in group["rules"]}
    of_platform = {"RunFailure", "StreamStalled"}
    for outage, explained, _ in INHIBITIONS:
        assert outage in known
        assert set(explained.split("|")) <= (known | of_platform) - {outage}


def test_the_chart_has_the_same_inhibitions():
    file = ROOT / "helm/igniteflow/alertmanager/inhibitions.yaml"
    found = [
        (rule["sourceMatch"][0]["value"], rule["targetMatch"][0]["value"], rule.get("equal", []))
        for rule in yaml.safe_load(file.read_text())
    ]
    assert found == [(outage, explained, list(equal)) for outage, explained, equal in INHIBITIONS]


@pytest.mark.parametrize("alerts", [AlertSettings(), ALL], ids=["nobody", "all channels"])
def test_alertmanager_takes_the_file(alerts, tmp_path):
    amtool = installed([shutil.which("amtool")], "amtool", from_debian("prometheus-alertmanager"))
    file = tmp_path / "alertmanager.yml"
    file.write_text(json.dumps(alertmanager_config(alerts)))
    checked = subprocess.run(
        [amtool, "check-config", str(file)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
