# Prometheus, Grafana and Alertmanager in the cluster, which load the monitors, alert rules and
# dashboards of the IgniteFlow chart.
resource "helm_release" "this" {
  count            = var.prometheus_enabled || var.grafana_enabled || var.alertmanager_enabled ? 1 : 0
  name             = "monitoring"
  namespace        = "monitoring" # as monitoring.namespace of the IgniteFlow chart
  create_namespace = true
  repository       = "https://prometheus-community.github.io/helm-charts"
  chart            = "kube-prometheus-stack"
  version          = "79.7.1"
  values = [yamlencode({
    prometheus = {
      enabled = var.prometheus_enabled
      prometheusSpec = {
        # Select monitors and rules of all releases, not only of this one.
        serviceMonitorSelectorNilUsesHelmValues = false
        podMonitorSelectorNilUsesHelmValues     = false
        ruleSelectorNilUsesHelmValues           = false
      }
    }
    grafana      = { enabled = var.grafana_enabled, sidecar = { dashboards = { searchNamespace = "ALL" } } }
    alertmanager = { enabled = var.alertmanager_enabled }
  })]
}
