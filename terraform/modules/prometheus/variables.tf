variable "prometheus_enabled" {
  description = "Whether Prometheus is installed."
  type        = bool
}

variable "grafana_enabled" {
  description = "Whether Grafana is installed."
  type        = bool
}

variable "alertmanager_enabled" {
  description = "Whether Alertmanager is installed."
  type        = bool
}
