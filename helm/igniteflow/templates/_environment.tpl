{{/* Environment variables and volumes; also used for run pods, in dagster.yaml. */}}

{{- define "igniteflow.settings" -}}
{{- $serving := dict "host" "0.0.0.0" "port" (int .Values.serving.port) "endpoints_dir" "/shared/endpoints" "log_dir" "/shared/decisions" -}}
{{- $execution := dict "executor" .Values.execution.executor "k8s_image" (include "igniteflow.image" (dict "root" . "image" .Values.image)) "k8s_namespace" .Release.Namespace "k8s_service_account" (include "igniteflow.name" (dict "root" . "component" "run")) -}}
{{- $settings := dict "serving" $serving "execution" $execution -}}
{{- if (.Values.mlflow).enabled -}}
{{- $own := printf "http://%s:5000" (include "igniteflow.name" (dict "root" . "component" "mlflow")) -}}
{{- $_ := set $settings "mlflow" (dict "tracking_uri" (.Values.mlflow.trackingUri | default $own) "artifact_root" nil) -}}
{{- end -}}
{{- with .Values.monitoring.otlpEndpoint -}}
{{- $_ := set $settings "telemetry" (dict "otlp_endpoint" .) -}}
{{- end -}}
{{- with (.Values.monitoring.alertmanager).url -}}
{{- $_ := set $settings "alerts" (dict "alertmanager_url" .) -}}
{{- end -}}
{{- mergeOverwrite $settings (deepCopy (.Values.settings | default dict)) | toPrettyJson -}}
{{- end -}}

{{- define "igniteflow.env.settings" -}}
- {name: IGNITEFLOW_ENV, value: {{ .root.Values.environment }}}
- {name: IGNITEFLOW_CONFIG_PATH, value: /etc/igniteflow/settings.json}
- {name: HOME, value: /tmp}
{{- with .root.Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "igniteflow.env.secret" -}}
- name: {{ .variable }}
  valueFrom: {secretKeyRef: {name: {{ .secret }}, key: {{ .key }}{{ if .optional }}, optional: true{{ end }}}}
{{- end -}}

{{/* AWS keys and the MLflow token, from an optional Secret. */}}
{{- define "igniteflow.env.credentials" -}}
{{- with .root.Values.secrets.credentials }}
{{- range $variable, $key := dict "AWS_ACCESS_KEY_ID" "aws-access-key" "AWS_SECRET_ACCESS_KEY" "aws-secret-key" "MLFLOW_TRACKING_TOKEN" "mlflow-token" }}
{{ include "igniteflow.env.secret" (dict "variable" $variable "secret" $.root.Values.secrets.credentials "key" $key "optional" true) }}
{{- end }}
{{- end }}
{{- end -}}

{{/* "true" if the chart deploys an MLflow server, otherwise empty. */}}
{{- define "igniteflow.mlflow.deployed" -}}
{{- if and (.Values.mlflow).enabled (not .Values.mlflow.trackingUri) }}true{{ end -}}
{{- end -}}

{{- define "igniteflow.env.database" -}}
{{ include "igniteflow.env.secret" (dict "variable" "DAGSTER_PG_PASSWORD" "secret" .root.Values.secrets.dagsterDatabase "key" "postgresql-password") }}
- {name: DAGSTER_HOME, value: /dagster}
{{- end -}}

{{- define "igniteflow.env.stores" -}}
{{- with .root.Values.secrets }}
{{- if .onlineStore }}
{{ include "igniteflow.env.secret" (dict "variable" "IGNITEFLOW_ONLINE__REDIS__PASSWORD" "secret" .onlineStore "key" "redis-password") }}
{{- end }}
{{- if .kafka }}
{{ include "igniteflow.env.secret" (dict "variable" "IGNITEFLOW_STREAM__SOURCE_OPTIONS" "secret" .kafka "key" "source-options") }}
{{ include "igniteflow.env.secret" (dict "variable" "IGNITEFLOW_STREAM__CLIENT_OPTIONS" "secret" .kafka "key" "client-options") }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "igniteflow.volumes.settings" -}}
- name: settings
  configMap: {name: {{ include "igniteflow.name" (dict "root" .root "component" "settings") }}}
- name: tmp
  emptyDir: {}
{{- end -}}
{{- define "igniteflow.mounts.settings" -}}
- {name: settings, mountPath: /etc/igniteflow, readOnly: true}
- {name: tmp, mountPath: /tmp}
{{- end -}}

{{/* Dagster's writable home folder, in which only dagster.yaml is mounted. */}}
{{- define "igniteflow.volumes.dagster" -}}
- name: dagster-home
  emptyDir: {}
- name: dagster-config
  configMap: {name: {{ include "igniteflow.name" (dict "root" .root "component" "dagster") }}}
{{- end -}}
{{- define "igniteflow.mounts.dagster" -}}
- {name: dagster-home, mountPath: /dagster}
- {name: dagster-config, mountPath: /dagster/dagster.yaml, subPath: dagster.yaml, readOnly: true}
- {name: dagster-config, mountPath: /dagster/workspace.yaml, subPath: workspace.yaml, readOnly: true}
{{- end -}}

{{/* The certificate authority of the database. */}}
{{- define "igniteflow.volumes.ca" -}}
{{- with .root.Values.dagster.database.caConfigMap }}
- name: database-ca
  configMap: {name: {{ . }}}
{{- end }}
{{- end -}}
{{- define "igniteflow.mounts.ca" -}}
{{- if .root.Values.dagster.database.caConfigMap }}
- {name: database-ca, mountPath: /etc/database-ca, readOnly: true}
{{- end }}
{{- end -}}

{{- define "igniteflow.volumes.shared" -}}
- name: shared
  persistentVolumeClaim:
    claimName: {{ .root.Values.sharedStorage.existingClaim | default (include "igniteflow.name" (dict "root" .root "component" "shared")) }}
{{- end -}}
