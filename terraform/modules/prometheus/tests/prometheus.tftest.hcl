mock_provider "helm" {}

variables {
  prometheus_enabled   = true
  grafana_enabled      = false
  alertmanager_enabled = true
}

run "what_is_wanted_is_installed" {
  assert {
    condition     = yamldecode(helm_release.this[0].values[0]).prometheus.enabled && yamldecode(helm_release.this[0].values[0]).alertmanager.enabled
    error_message = "Prometheus or Alertmanager is missing."
  }
  assert {
    condition     = !yamldecode(helm_release.this[0].values[0]).grafana.enabled
    error_message = "Grafana is there, and nobody asked for it."
  }
}

run "nothing_is_installed_unasked" {
  variables {
    prometheus_enabled   = false
    alertmanager_enabled = false
  }
  assert {
    condition     = length(helm_release.this) == 0
    error_message = "The stack is there, and nobody asked for it."
  }
}
