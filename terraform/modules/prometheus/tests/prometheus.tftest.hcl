mock_provider "helm" {}

variables {
  prometheus_enabled   = true
  grafana_enabled      = false
  alertmanager_enabled = true
}

run "enabled_parts_are_installed" {
  assert {
    condition     = yamldecode(helm_release.this[0].values[0]).prometheus.enabled && yamldecode(helm_release.this[0].values[0]).alertmanager.enabled
    error_message = "Prometheus or Alertmanager is missing."
  }
  assert {
    condition     = !yamldecode(helm_release.this[0].values[0]).grafana.enabled
    error_message = "Grafana is installed although it is not enabled."
  }
}

run "nothing_is_installed_by_default" {
  variables {
    prometheus_enabled   = false
    alertmanager_enabled = false
  }
  assert {
    condition     = length(helm_release.this) == 0
    error_message = "The stack is installed although no part is enabled."
  }
}
