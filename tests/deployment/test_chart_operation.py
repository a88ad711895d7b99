"""Scaling, disruption, migrations, canary, retention, monitors and alerts."""

import json

import pytest

from tests.deployment.chart import Resource, component, named, of_kind, pod_templates, render


def test_every_container_asks_for_cpu_and_memory_and_is_bounded(resources: list[Resource]) -> None:
    for name, pod in pod_templates(resources):
        for container in pod["spec"]["containers"]:
            assert {"cpu", "memory"} <= set(container["resources"]["requests"]), name
            assert "memory" in container["resources"]["limits"], name


def test_serving_scales_from_2_to_10_at_70_percent_cpu(prod: list[Resource]) -> None:
    scaler = named(prod, "HorizontalPodAutoscaler", "serving")["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (2, 10)
    (metric,) = scaler["metrics"]
    assert metric["resource"]["target"]["averageUtilization"] == 70
    assert "replicas" not in named(prod, "Deployment", "serving")["spec"]


def test_without_autoscaling_replica_count_decides() -> None:
    resources = render("--set=autoscaling.enabled=false,replicaCount=3")
    assert of_kind(resources, "HorizontalPodAutoscaler") == []
    assert named(resources, "Deployment", "serving")["spec"]["replicas"] == 3


def test_each_disruption_budget_covers_pods_that_can_spare_one(prod: list[Resource]) -> None:
    budgets = {component(b): b["spec"] for b in of_kind(prod, "PodDisruptionBudget")}
    assert set(budgets) == {"webserver", "serving", "mlflow", "auth-proxy", "run"}
    budgets.pop("run")
    for deployment in of_kind(prod, "Deployment"):
        if component(deployment) in budgets and component(deployment) != "serving":
            assert deployment["spec"]["replicas"] >= 2, deployment["metadata"]["name"]


def test_no_run_is_evicted_by_a_rule_that_the_pods_of_jobs_can_have(prod: list[Resource]) -> None:
    """Kubernetes fails to work out any other for pods whose owner has no scale."""
    (budget,) = (b for b in of_kind(prod, "PodDisruptionBudget") if component(b) == "run")
    assert "maxUnavailable" not in budget["spec"]
    assert budget["spec"]["minAvailable"] >= 1_000_000


def test_there_is_one_daemon_and_one_stream_at_a_time(prod: list[Resource]) -> None:
    for name in ("daemon", "stream"):
        spec = named(prod, "Deployment", name)["spec"]
        assert spec["replicas"] == 1
        assert spec["strategy"] == {"type": "Recreate"}


def test_tables_are_migrated_before_new_pods_start(prod: list[Resource]) -> None:
    job = named(prod, "Job", "maintenance-migrate")
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "post-install,pre-upgrade"
    commands = [c["args"] for c in job["spec"]["template"]["spec"]["containers"]]
    assert ["igniteflow", "migrate"] in commands
    assert commands[1][:3] == ["mlflow", "db", "upgrade"]


def test_old_runs_are_pruned_unless_all_are_kept() -> None:
    (job,) = of_kind(render(), "CronJob")
    (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert container["args"] == ["igniteflow", "prune", "--days", "365"]
    assert of_kind(render("--set=dagster.runRetentionDays=0"), "CronJob") == []


@pytest.mark.parametrize("weight", [0, 10, 100])
def test_a_canary_gets_its_share_and_stable_the_rest(weight: int) -> None:
    resources = render(
        "--set=istio.enabled=true,istio.canary.enabled=true,istio.canary.tag=0.2.0",
        f"--set=istio.canary.weight={weight}",
    )
    (route,) = named(resources, "VirtualService", "serving")["spec"]["http"]
    shares = {r["destination"]["subset"]: r["weight"] for r in route["route"]}
    assert shares == {"canary": weight, "stable": 100 - weight}
    canary = named(resources, "Deployment", "serving-canary")["spec"]["template"]
    assert canary["spec"]["containers"][0]["image"].endswith("/serving:0.2.0")
    subsets = named(resources, "DestinationRule", "serving")["spec"]["subsets"]
    (labels,) = (s["labels"] for s in subsets if s["name"] == "canary")
    assert labels.items() <= canary["metadata"]["labels"].items()


def test_the_mesh_refuses_plain_text_and_unknown_callers(prod: list[Resource]) -> None:
    assert named(prod, "PeerAuthentication", "mtls")["spec"]["mtls"]["mode"] == "STRICT"
    policy = named(prod, "AuthorizationPolicy", "serving")["spec"]
    assert policy["action"] == "ALLOW"
    assert all(rule["from"] for rule in policy["rules"])


def test_the_mesh_is_off_unless_asked_for(rendered: dict[str, list[Resource]]) -> None:
    assert of_kind(rendered["staging"], "PeerAuthentication", "VirtualService") == []


def test_prometheus_finds_the_serving_service(prod: list[Resource]) -> None:
    (monitor,) = of_kind(prod, "ServiceMonitor")
    wanted = monitor["spec"]["selector"]["matchLabels"].items()
    found = [s for s in of_kind(prod, "Service") if wanted <= s["metadata"]["labels"].items()]
    assert [service["metadata"]["name"] for service in found] == ["igniteflow-serving"]
    assert found[0]["spec"]["ports"][0]["name"] == monitor["spec"]["endpoints"][0]["port"]


ALERTS = (
    "--set=monitoring.alertmanager.enabled=true,monitoring.alertmanager.url=http://alerts:9093",
    "--set=monitoring.alertmanager.mail.to={a@example.com},monitoring.alertmanager.mail.user=u",
    "--set=monitoring.alertmanager.mail.from=b@example.com",
    "--set=monitoring.alertmanager.mail.smarthost=smtp.example.com:587",
    "--set=monitoring.alertmanager.webhook.enabled=true,secrets.alerts=shop-alerts",
)


def test_alerts_reach_the_channels_that_are_set_by_secrets_of_the_cluster() -> None:
    resources = render(*ALERTS)
    (config,) = of_kind(resources, "AlertmanagerConfig")
    routes = {route["receiver"]: route["matchers"] for route in config["spec"]["route"]["routes"]}
    assert [each[0]["value"] for each in routes.values()] == ["critical|warning", "critical"]
    receivers = {each["name"]: each for each in config["spec"]["receivers"]}
    assert set(receivers) == {"none", *routes} == {"none", "mail", "webhook"}
    (mail,) = receivers["mail"]["emailConfigs"]
    assert mail["authPassword"] == {"name": "shop-alerts", "key": "mail-password"}
    (webhook,) = receivers["webhook"]["webhookConfigs"]
    assert webhook == {"urlSecret": {"name": "shop-alerts", "key": "webhook-url"}}
    assert len(config["spec"]["inhibitRules"]) == 4


def test_the_platform_sends_its_own_alerts_to_alertmanager_and_may_reach_it() -> None:
    resources = render(*ALERTS)
    (settings,) = (
        json.loads(each["data"]["settings.json"])
        for each in of_kind(resources, "ConfigMap")
        if "settings.json" in each["data"]
    )
    assert settings["alerts"] == {"alertmanager_url": "http://alerts:9093"}
    egress = named(resources, "NetworkPolicy", "code-location")["spec"]["egress"]
    assert any({"protocol": "TCP", "port": 9093} in rule["ports"] for rule in egress)


def test_every_alert_states_the_namespace_that_the_operator_matches(prod: list[Resource]) -> None:
    (rules,) = of_kind(prod, "PrometheusRule")
    stated = {
        rule["labels"]["namespace"] for group in rules["spec"]["groups"] for rule in group["rules"]
    }
    assert stated == {"igniteflow"}
